import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { command, type Scratch, scratch } from '../support/command.ts'
import { rowsOrSkip } from './oracle.ts'

interface Issue {
  readonly field: string
  readonly message: string
  readonly source?: string
}

interface Linted {
  readonly path: string
  readonly valid: boolean
  readonly errors?: readonly Issue[]
  readonly warnings?: readonly Issue[]
}

interface Row {
  readonly case: string
  readonly config: string
  readonly lint: Linted | { readonly error: string }
  readonly values: { readonly error?: string; readonly initContainers?: readonly unknown[]; readonly image?: object }
}

const file = new URL('../../../shared/conformance/embedded-cluster/cases.jsonl', import.meta.url)
const rows = existsSync(file)
  ? readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Row)
  : undefined

/** docs/helm-values.md says why. */
const otherValues: Readonly<Record<string, string>> = {
  'no-name': 'a name is derived where there is none',
  'first-bad': 'of several Configs the last counts',
  'empty-first': 'the Config is found in whatever document it is',
  comment: 'a file without a Config is an error',
  'duplicate-key': 'a key that is set twice is refused',
  anchor: 'a key that is set twice is refused',
}

/** What is not marked as ours. */
const theirs = ({ errors, warnings, ...rest }: Linted): Linted => {
  const own = (issues: readonly Issue[] | undefined) => issues?.filter(({ source }) => source === undefined) ?? []
  return {
    ...rest,
    ...(own(errors).length > 0 && { errors: own(errors) }),
    ...(own(warnings).length > 0 && { warnings: own(warnings) }),
  }
}

describe("conformance: Embedded Cluster's linter and Helm values", () => {
  let folder: Scratch
  before(() => {
    folder = scratch()
  })
  after(() => folder.remove())

  it('has cases', function () {
    expect(rowsOrSkip(this, rows)).to.have.length.above(50)
  })
  for (const row of rows ?? []) {
    it(`${row.case}: lint says the same, in the same order and with the same exit code`, async () => {
      const path = folder.file('config.yaml', row.config)
      const { out, code } = await command(['lint', '--output', 'json', path])
      const [linted] = (JSON.parse(out) as { files: readonly Linted[] }).files
      const expected =
        'error' in row.lint ? { path, valid: false, errors: [{ field: '', message: row.lint.error }] } : { ...row.lint, path }
      expect(theirs(linted!)).to.deep.equal(expected)
      expect(code).to.equal(expected.valid ? 0 : 1)
    })
    const why = otherValues[row.case]
    it(`${row.case}: values are ${why === undefined ? 'the same' : `others: ${why}`}`, async () => {
      const path = folder.file('config.yaml', row.config)
      const { out, code } = await command(['values', '--config', path, '--format', 'json'])
      const made = JSON.parse(out) as {
        readonly initContainers?: readonly unknown[]
        readonly image?: { readonly imagePullSecrets?: unknown }
      }
      if (why !== undefined) expect(made.initContainers).to.not.deep.equal(row.values.initContainers)
      else if (row.values.error !== undefined) expect(code).to.equal(2)
      else {
        expect(made.initContainers).to.deep.equal(row.values.initContainers)
        const { imagePullSecrets: _, ...image } = made.image ?? {}
        expect(image).to.deep.equal(row.values.image)
      }
    })
  }
})
