import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { cases, type VeleroCase } from '../interop/velero-deployments/cases.ts'
import { configText, type JsonReport, report, type Scratch, scratch } from '../support/command.ts'

/** What the real support-bundle collected of real deployments; test/interop/velero-deployments.test.ts renews it. */
const fixtures = fileURLToPath(new URL('../fixtures/velero-bundles', import.meta.url))

const imageOf = (written: string) =>
  written.includes('/')
    ? written.replaceAll('REGISTRY', 'registry.example.com').replaceAll('PRIVATE', 'private.example.com')
    : `registry.example.com/acme/plugins:${written}`

const said = ({ warn, fail }: JsonReport): readonly string[] =>
  [...warn, ...fail]
    .filter(({ check }) => check === 'velero')
    // A server that was started again on a machine that was busy is none of the cases.
    .flatMap(({ plugin = '-', findings }) =>
      findings.filter(({ status, code }) => status !== 'pass' && code !== 'VELERO_RESTARTED').map(({ code }) => `${plugin} ${code}`),
    )
    .toSorted()

describe('what is said of real deployments of Velero, from their support bundles', () => {
  let folder: Scratch
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(() => folder.remove())

  const run = ({ name, plugins }: VeleroCase) => {
    const list = Object.entries(plugins).map(([plugin, written]) => ({ name: plugin, image: imageOf(written) }))
    const config = folder.file('config.yaml', configText(...list))
    return report(['run', '--bundle', join(fixtures, name), '--config', config, '-n', name, '--checks', 'velero', '--no-cache'])
  }

  it('has one for each case', () => {
    expect(readdirSync(fixtures).toSorted()).to.deep.equal(cases.map(({ name }) => name).toSorted())
  })

  for (const one of cases)
    it(`${one.name}: ${one.says.join(', ') || 'all is well'}`, async () => {
      const { json, out } = await run(one)
      expect(said(json), out).to.deep.equal(one.says.toSorted())
      const words = [...json.warn, ...json.fail].map(({ message }) => message).join('\n')
      if (one.proof !== undefined) expect(words).to.match(one.proof)
    })

  it('are small, and of no machine', () => {
    const files = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).map(file => join(fixtures, file))
    const texts = files.filter(file => statSync(file).isFile()).map(file => readFileSync(file, 'utf8'))
    expect(texts.join('').length).to.be.below(3 << 20)
    expect(texts.filter(text => /\/tmp\/interop|127\.0\.0\.1:[1-9]\d{3,}/.test(text))).to.deep.equal([])
  })
})
