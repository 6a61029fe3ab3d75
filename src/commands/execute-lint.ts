import type { Io } from '../cli.ts'
import { isValid, type LintedFile, type LintIssue, lintFile } from '../lint.ts'
import { printable } from '../redact.ts'
import { settle } from './execute.ts'
import { print } from './print.ts'

export interface LintFlags {
  readonly schema?: string
  readonly stage?: string
  readonly output?: 'text' | 'json'
  readonly strict?: boolean
}

/** `lint`: output and exit codes of `embedded-cluster lint` (EC 2.19 cmd/installer/cli/lint.go), with what is ours after its own. */
export const lint = async (files: readonly string[], { output = 'text', strict = false, ...flags }: LintFlags, io: Io): Promise<number> => {
  const settings = settle(flags, [], io)
  const linted: LintedFile[] = []
  for (const file of files) {
    const result = await lintFile(file, settings)
    linted.push(result)
    if (output === 'text') await printText(result, strict, io)
  }
  if (output === 'json') await print(io.stdout, asJson(linted, strict))
  if (linted.every(result => isValid(result, strict))) return 0
  io.stderr.write('ERROR: validation failed with errors\n')
  return 1
}

const printText = async (result: LintedFile, strict: boolean, { stdout, stderr }: Io): Promise<void> => {
  const { path, failure, errors, warnings } = result
  const name = printable(path)
  await print(stdout, `Linting ${name}...\n`)
  const lines = [
    ...(failure === undefined ? [] : [`ERROR: Failed to validate ${name}: ${failure}`]),
    ...warnings.map(issue => `WARNING: ${name}: ${textOf(issue)}`),
    ...errors.map(issue => `ERROR: ${name}: ${textOf(issue)}`),
  ]
  // Its messages have line breaks of their own, and names of the Config in them.
  if (lines.length > 0)
    stderr.write(
      `${lines
        .flatMap(line => line.split('\n'))
        .map(line => printable(line, Number.POSITIVE_INFINITY))
        .join('\n')}\n`,
    )
  await print(stdout, verdictOf(result, strict))
}

/** Its own line, and where there is more a second one. */
const verdictOf = (result: LintedFile, strict: boolean): string => {
  const { path, failure, errors, warnings } = result
  const name = printable(path)
  const [theirs, ours] = [warnings.filter(issue => issue.source === undefined), warnings.filter(({ source }) => source !== undefined)]
  const own = errors.filter(({ source }) => source !== undefined)
  const more = own.length + ours.length
  const beyond =
    more === 0
      ? ''
      : `${own.length > 0 ? '✗' : '⚠'} ${name}: ${own.length} error(s), ${ours.length} warning(s) beyond Embedded Cluster's linter\n`
  if (failure !== undefined) return beyond
  if (!isValid(result, strict)) return `✗ ${name} failed validation\n${beyond}`
  return `${theirs.length > 0 ? `⚠ ${name} passed with ${theirs.length} warning(s)` : `✓ ${name} passed validation`}\n${beyond}`
}

const textOf = ({ field, message, source, code }: LintIssue): string =>
  source === undefined ? `${field}: ${message}` : `${field === '' ? '' : `${field}: `}${message.split('\n')[0]} (${source}, ${code})`

/** As Go's encoding/json marshals it with an indent: what HTML could take for its own is escaped. */
const asJson = (linted: readonly LintedFile[], strict: boolean): string => {
  const files = linted.map(result => {
    const { path, failure, errors, warnings } = result
    const all = failure === undefined ? errors : [{ field: '', message: failure }, ...errors]
    return {
      path,
      valid: isValid(result, strict),
      ...(all.length > 0 ? { errors: all } : {}),
      ...(warnings.length > 0 ? { warnings } : {}),
    }
  })
  const text = JSON.stringify({ files }, null, 2)
  return `${text.replace(/[<>&\u2028\u2029]/g, letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}
