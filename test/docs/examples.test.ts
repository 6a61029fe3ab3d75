import { expect } from 'chai'
import { parseAllDocuments, stringify } from 'yaml'
import { vocabulary } from '../../src/chosen-checks.ts'
import * as api from '../../src/index.ts'
import { parseTrustPolicy } from '../../src/policy/notation/trust-policy.ts'
import { parsePolicyFile } from '../../src/policy/policy-file.ts'
import { command, report, type Scratch, scratch, verdicts } from '../support/command.ts'
import { type Block, pages } from './pages.ts'

type Json = Readonly<Record<string, unknown>>

/** One run of the check `config`, by which specs, Configs and Secrets are read. */
const readBy = async (folder: Scratch, files: { readonly config?: string; readonly spec?: string; readonly secrets?: string }) => {
  const plugin = '{name: a, image: registry.example.com/a/a:v1}'
  const config = files.config ?? configOf(`{extensions: {velero: {plugins: [${plugin}]}}}`)
  const argv = ['run', '--no-bundle', '--checks', 'config', '--config', folder.file('config.yaml', config)]
  if (files.secrets !== undefined) argv.push('--secrets', folder.file('secrets.yaml', files.secrets))
  if (files.spec !== undefined) argv.push(folder.file('spec.yaml', files.spec))
  return report(argv)
}
const configOf = (spec: string) => `apiVersion: embeddedcluster.replicated.com/v1beta1\nkind: Config\nspec: ${spec}\n`

type Reader = (text: string, document: Json, folder: Scratch) => Promise<unknown> | unknown

/** What each document of YAML is for, by the first that fits it, and who reads it. */
const readers: readonly (readonly [what: string, fits: (document: Json) => boolean, read: Reader])[] = [
  [
    'a Config',
    ({ kind }) => kind === 'Config',
    async (text, document, folder) => {
      const { json } = await readBy(folder, { config: text })
      expect(json.fail).to.deep.equal([])
      // The head of one is shown for its first line.
      if (!('spec' in document)) return
      const { code, err } = await command(['lint', folder.file('lint.yaml', text)])
      expect(code, err).to.equal(0)
    },
  ],
  [
    'a part of a Config',
    document => Object.keys(document).join() === 'spec',
    async (_, { spec }, folder) => expect((await readBy(folder, { config: configOf(JSON.stringify(spec)) })).json.fail).to.deep.equal([]),
  ],
  [
    'a spec of ours',
    ({ apiVersion }) => String(apiVersion).startsWith('velero-plugin-preflight/'),
    async (text, _, folder) => expect(verdicts((await readBy(folder, { spec: text })).json)).to.not.deep.equal([]),
  ],
  [
    'a policy',
    ({ apiVersion }) => String(apiVersion).startsWith('policy.sigstore.dev/'),
    text => expect(parsePolicyFile(text, 'policy.yaml').policies).to.have.length(1),
  ],
  [
    'a Secret',
    ({ kind }) => kind === 'Secret',
    async (text, _, folder) => expect((await readBy(folder, { secrets: text })).code).to.not.equal(2),
  ],
  // Of a pod and of a ConfigMap that the example plugin reads: its own tests have them.
  ['annotations of a pod', document => 'metadata' in document && !('spec' in document), () => {}],
  ['a Service', ({ kind }) => kind === 'Service', () => {}],
  [
    'a Deployment of this program',
    ({ kind }) => kind === 'Deployment',
    async (_, document) => {
      const { spec } = document as { spec: { template: { spec: { containers: { args: string[] }[] } } } }
      // All that is wrong with its arguments is that their files are not here.
      for (const { args } of spec.template.spec.containers) expect((await command(args)).err).to.match(/^Error \(FILE_NOT_FOUND\)/)
    },
  ],
  // Their commands are run by commands.test.ts.
  ['a job of GitHub', document => 'steps' in document, () => {}],
  [
    'a job of GitLab',
    document => Object.values(document).some(job => typeof job === 'object' && job !== null && 'script' in job),
    () => {},
  ],
  [
    'alerts of Prometheus',
    document => 'groups' in document,
    (_, { groups }) => {
      for (const { rules } of groups as { rules: { alert: string; expr: string }[] }[])
        for (const { expr } of rules)
          expect(
            metrics.filter(name => expr.includes(name)),
            expr,
          ).to.not.deep.equal([])
    },
  ],
]

/** The table of docs/metrics.md, which test/metrics.test.ts holds against the file that is written. */
const metrics = [...(pages.find(({ path }) => path === 'docs/metrics.md')?.text ?? '').matchAll(/^\| `(\w+)` \|/gm)].map(
  ([, name]) => `velero_plugin_preflight_${name}`,
)

/** Steps of a job may stand alone. */
const documentsIn = (text: string): readonly Json[] =>
  parseAllDocuments(text).map(document => {
    expect(document.errors).to.deep.equal([])
    const value = document.toJS()
    return Array.isArray(value) ? { steps: value } : value
  })

const json: Reader = (text, document) => {
  if ('trustPolicies' in document) expect(parseTrustPolicy(text, 'trustpolicy.json').statements).to.not.deep.equal([])
  else expect(document).to.have.any.keys('files', 'pass')
}

describe('examples of the pages', () => {
  let folder: Scratch
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(() => folder.remove())

  const known = ['', 'sh', 'bash', 'yaml', 'json', 'ts', 'go', 'text']
  for (const { path, blocks } of pages) {
    const of = (language: string): readonly Block[] => blocks.filter(block => block.language === language)
    if (blocks.length > 0)
      it(`${path} shows nothing of which nobody knows what it is`, () => {
        for (const { language } of blocks) expect(known).to.include(language)
      })
    for (const { text } of of('yaml'))
      for (const document of documentsIn(text)) {
        const [what = 'of no kind', , read] = readers.find(([, fits]) => fits(document)) ?? []
        it(`${path} shows ${what} that is read: ${text.split('\n').find(line => line !== '' && !line.startsWith('#'))}`, async () => {
          expect(read, text).to.be.a('function')
          await read?.(text.includes('\n---\n') ? stringify(document) : text, document, folder)
        })
      }
    for (const { text } of of('json')) it(`${path} shows JSON that is read`, () => json(text, JSON.parse(text), folder))
    for (const { text } of of('ts'))
      it(`${path} imports what there is`, () => {
        for (const [, names = ''] of text.matchAll(/import \{([^}]*)\} from 'velero-plugin-preflight'/g))
          expect(api).to.include.keys(names.split(',').map(name => name.trim()))
      })
  }

  it('are checks by their names, where a line names them', () => {
    const named = pages.flatMap(({ text }) => [...text.matchAll(/--checks ([a-zA-Z,]+)/g)].flatMap(([, list = '']) => list.split(',')))
    expect(named.filter(name => !vocabulary.checks.some(check => check === name))).to.deep.equal([])
  })
})
