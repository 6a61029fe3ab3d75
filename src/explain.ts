import { type CodeMeaning, codeMeanings } from './code-docs.ts'
import { PreflightError } from './errors.ts'
import { printable } from './redact.ts'
import { suggest } from './suggest.ts'

const statusWords = { pass: 'a pass', warn: 'a warn', fail: 'a fail' } as const

const ofWords = ({ of, status }: CodeMeaning): string => {
  if (of === 'any check') return `${statusWords[status]} of any check`
  if ('check' in of) return `${statusWords[status]} of the check ${of.check}`
  return of.exit === 3
    ? 'a fact that could not be had; the check that needed it fails, or is not checked where another one already fails for it'
    : `an error of the run, which ends with exit ${of.exit}`
}

const pageOf = ({ of }: CodeMeaning): string =>
  typeof of === 'object' && 'check' in of
    ? `docs/checks/${of.check.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}.md`
    : 'docs/errors.md'

const explained = (meaning: CodeMeaning): string =>
  [
    `${meaning.code}: ${ofWords(meaning)}`,
    '',
    `  ${meaning.meaning}`,
    ...(meaning.remedy === undefined ? [] : [`  What to do: ${meaning.remedy}`]),
    ...(meaning.status === 'warn' ? [`  Where you know it and take it: --accept ${meaning.code}[@PLUGIN][=YYYY-MM-DD]`] : []),
    `  More: ${pageOf(meaning)}`,
    '',
  ].join('\n')

/** Everything that docs/errors.md says of a code. @throws PreflightError USAGE for one that is none */
export const explain = (code: string): string => {
  const asked = code.trim().toUpperCase().replaceAll('-', '_')
  const found = codeMeanings.filter(one => one.code === asked)
  if (found.length > 0) return found.map(explained).join('\n')
  const meant = suggest(asked, new Set(codeMeanings.map(one => one.code)))
  throw new PreflightError('USAGE', `There is no code ${printable(code, 80)}.`, {
    hint: meant === undefined ? 'docs/errors.md lists all codes.' : `Was ${meant} meant?`,
  })
}
