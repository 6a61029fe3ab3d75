import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { lintPlugins } from '../../src/embedded-cluster/lint.ts'
import { imageOf } from '../../src/embedded-cluster/plugins.ts'
import { PreflightError } from '../../src/errors.ts'
import { configFacts, findingsOf } from '../support/config-facts.ts'
import { rowsOrSkip } from './oracle.ts'

interface Row {
  readonly case: string
  readonly config: string
  readonly lint: {
    readonly error?: string
    readonly valid?: boolean
    readonly errors?: readonly { readonly field: string; readonly message: string }[]
  }
  readonly values: { readonly error?: string; readonly initContainers?: readonly { readonly name: string; readonly image: string }[] }
}

const file = new URL('../../../shared/conformance/embedded-cluster/cases.jsonl', import.meta.url)
const rows = existsSync(file)
  ? readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Row)
  : undefined

/** Go's %q of what stands in these Configs. */
const goQuote = (text: string) =>
  JSON.stringify(text).replace(/[\u007f-\u009f\u200b\u00a0\ufeff]/g, letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)

const lintOf = (config: string) => {
  const [first] = configFacts(config)
  return lintPlugins((first?.plugins ?? []).map(({ name, image }) => ({ name: name?.text ?? '', image: image?.text ?? '' }))).map(error => {
    const field = `extensions.velero.plugins[${error.index}].${error.field}`
    if (error.rule === 'missing') return { field, message: `plugin ${error.field} is required` }
    if (error.rule === 'invalid') return { field, message: `invalid image reference ${goQuote(error.text)}` }
    return { field, message: `duplicate plugin ${error.field} ${goQuote(error.text)} (also specified at index ${error.first})` }
  })
}

const refusalsOf = (config: string): readonly string[] => {
  try {
    return findingsOf(config).flatMap(({ status, message }) => (status === 'fail' ? [message] : []))
  } catch (error) {
    if (error instanceof PreflightError) return [error.message]
    throw error
  }
}

describe("conformance: Embedded Cluster's own linter", () => {
  it('has cases', function () {
    expect(rowsOrSkip(this, rows)).to.have.length.above(50)
  })
  for (const row of rows ?? []) {
    const { error, valid, errors = [] } = row.lint
    if (error !== undefined || valid === false) {
      it(`${row.case}: what it refuses we refuse, with a place`, () => {
        const refusals = refusalsOf(row.config)
        expect(refusals).to.not.deep.equal([])
        for (const message of refusals) expect(message).to.match(/\bc\.yaml:\d+:\d+\b/)
      })
    }
    // A file of comments alone is valid for the linter, as is a first document that is empty; there is no Config in it for us.
    if (error === undefined && row.config.includes('kind')) {
      it(`${row.case}: its errors are those of lintPlugins`, () => {
        expect(lintOf(row.config)).to.deep.equal(errors)
      })
    }
    const containers = row.values.initContainers
    if (
      containers !== undefined &&
      valid === true &&
      row.config.includes('kind') &&
      !row.config.startsWith('---') &&
      !/initContainers/.test(row.config)
    ) {
      it(`${row.case}: the images are those of Embedded Cluster's Helm values`, () => {
        const ours = configFacts(row.config).flatMap(config =>
          config.plugins.map(plugin => ({ name: plugin.name?.text, image: imageOf(config, plugin) })),
        )
        expect(containers.slice(1).map(({ name, image }) => ({ name, image }))).to.deep.equal(ours)
      })
    }
  }
})
