import { expect } from 'chai'
import { parse } from 'yaml'
import { templateText } from '../../src/commands/print-template.ts'
import { PreflightError } from '../../src/errors.ts'
import type { Report } from '../../src/outcome.ts'
import { maxPlugins } from '../../src/reporters/records.ts'
import { troubleshoot } from '../../src/reporters/troubleshoot.ts'
import { templates } from '../../src/templates/kinds.ts'
import { configText } from '../support/command.ts'

// biome-ignore lint/suspicious/noExplicitAny: documents of another program
type Spec = any

const config = `# yes: "quoted" $(HOME) \\ 'é'\n${configText({ name: 'a.b', image: 'quay.io/a/b:v1' })}`
const spec = (kind: string, args: readonly string[] = [], flags = {}): Spec =>
  parse(templateText(kind, args, flags, config), { version: '1.1' })

/** The parts of a text that a regular expression of RE2 takes. */
const groups = (regexGroups: string, text: string) =>
  new RegExp(regexGroups.replaceAll('(?P<', '(?<').replaceAll('\\n', '\n')).exec(text)?.groups

const report = (count: number): Report => ({
  results: Array.from({ length: count }, (_, index) => ({
    title: 't',
    check: 'image',
    plugin: `plugin.${index + 1}`,
    code: 'C',
    status: 'fail' as const,
    message: `plugin.${index + 1}: message`,
    findings: [],
  })),
  notChecked: [],
})
const context = { version: '1', subject: '', platforms: [], images: {}, width: 80, colour: false, verbose: false }

describe('templates', () => {
  for (const kind of Object.keys(templates))
    describe(kind, () => {
      it('has the Config as it is', () => {
        const { collectors, hostCollectors } = spec(kind).spec
        const all = [...(collectors ?? []), ...(hostCollectors ?? [])]
        const run = all.find(({ run }: Spec) => run)?.run
        const pod = all.map(({ runPod, runDaemonSet }: Spec) => runPod ?? runDaemonSet).find(Boolean)
        const value = pod?.podSpec.containers[0].env[0].value
        expect(run?.input['config.yaml'] ?? value.replaceAll('$$(', '$(')).to.equal(config)
        // What the kubelet would take for a variable is written so that it does not.
        if (value !== undefined) expect(value).to.contain('$$(HOME)')
      })

      it("is no Config for Embedded Cluster's search through a release", () => {
        const text = templateText(kind, [], {}, config)
        expect(text).to.contain('kind: Config')
        expect(text).to.not.contain('apiVersion: embeddedcluster.')
      })

      it('gives troubleshoot a minute more than the program', () => {
        const text = templateText(kind, [], { timeout: '90s' }, config)
        expect(text).to.contain('timeout: 150s')
        expect(text).to.match(/--timeout\n +- 90s\n/)
      })

      it('has texts where troubleshoot wants texts', () => {
        const { analyzers, hostAnalyzers } = spec(kind).spec
        for (const analyzer of [...(analyzers ?? []), ...(hostAnalyzers ?? [])]) {
          const [body] = Object.values<Spec>(analyzer)
          expect(
            body.outcomes.flatMap((outcome: Spec) =>
              Object.values<Spec>(outcome).map(({ when = '', message }) => [typeof when, typeof message]),
            ),
          ).to.satisfy((types: string[][]) => types.every(pair => pair.every(type => type === 'string')))
          expect(body.fileName).to.match(/^(?:host-collectors|cluster-resources|velero-plugin-preflight)\//)
        }
      })

      it('hands on what is for run', () => {
        expect(templateText(kind, ['--key', 'k.pub'], {}, config)).to.match(/- --key\n +- k\.pub\n/)
      })
    })

  for (const count of [0, 1, maxPlugins, maxPlugins + 2])
    it(`find each result of ${count} plugins once in a pod's log, and no other`, () => {
      const log = troubleshoot(report(count), context)
      const { analyzers } = spec('preflight').spec
      const found = analyzers.flatMap(({ textAnalyze: { regexGroups } }: Spec) => groups(regexGroups, log) ?? [])
      const messages = found.map(({ Status, Message }: Spec) => `${Status} ${Message}`)
      expect(messages[0]).to.match(/^pass The checks of the Velero plugins came to their end/)
      expect(messages.slice(1, maxPlugins + 1)).to.deep.equal(
        Array.from({ length: Math.min(count, maxPlugins) }, (_, index) => `fail plugin.${index + 1}: message`),
      )
      expect(messages.slice(maxPlugins + 1)).to.deep.equal(count > maxPlugins ? ['fail plugin.21: message plugin.22: message'] : [])
    })

  it('has a fail in the place of a log that never comes', () => {
    const { collectors, analyzers } = spec('preflight').spec
    const { name, data } = collectors[0].data
    const [ran] = analyzers
    expect(ran.textAnalyze.fileName).to.equal(name)
    expect(groups(ran.textAnalyze.regexGroups, data)).to.include({ Status: 'fail' })
    expect(ran.textAnalyze.outcomes.at(-1).fail).to.not.have.property('when')
  })

  it('gives a pod no token when it asks no cluster', () => {
    const pod = (...args: string[]) => spec('preflight', args).spec.collectors[1].runPod.podSpec
    expect(pod()).to.have.property('automountServiceAccountToken', false)
    expect(pod('--from-cluster')).to.not.have.property('automountServiceAccountToken')
  })

  it('does not know every word', () => {
    expect(() => templateText('host-preflght', [], {}, config))
      .to.throw(PreflightError)
      .with.property('hint', 'Did you mean host-preflight?')
  })
})
