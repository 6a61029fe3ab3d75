import type { Command } from 'commander'
import { codeMeanings, warnCodes } from '../code-docs.ts'
import { reportFormats } from '../reporters/formats.ts'
import { type Candidate, candidates, type KnownWords } from './candidates.ts'
import type { Shell } from './scripts.ts'
import { shellWords } from './shell-words.ts'

const wordsOf = (...values: readonly string[]): readonly Candidate[] => values.map(value => ({ value }))

const meaningOf = (code: string): Candidate => ({ value: code, description: codeMeanings.find(one => one.code === code)?.meaning ?? '' })

/** @param checks every check there is */
const knownWords = (checks: readonly string[]): KnownWords => {
  const codes = [...new Set(codeMeanings.map(({ code }) => code))].map(meaningOf)
  return {
    '--format': wordsOf(...reportFormats),
    '--schema': wordsOf('auto', 'embedded-cluster', 'proposal'),
    '--checks': wordsOf(...checks),
    '--platform': wordsOf('linux/amd64', 'linux/arm64'),
    '--scanner': wordsOf('trivy', 'grype'),
    '--accept': warnCodes.map(meaningOf),
    '--explain': codes,
    'explain code': codes,
  }
}

/** bash replaces only what follows the last of its word breaks, so nothing before that may be in the answer. */
const afterBreak = (current: string, breaks: string): number =>
  Math.max(-1, ...[...breaks].filter(character => '=:@'.includes(character)).map(character => current.lastIndexOf(character))) + 1

/** @param given bash: the line up to the cursor, and its word breaks; the others: the words after the program's name */
export const completionAnswer = (program: Command, shell: Shell, given: readonly string[], checks: readonly string[]): string => {
  const [line = '', breaks = ''] = given
  const words = shell === 'bash' ? shellWords(line).slice(1) : given
  const { besides, values } = candidates(program, words, knownWords(checks))
  const cut = shell === 'bash' ? afterBreak(words.at(-1) ?? '', breaks) : 0
  const shown = ({ value, description = '' }: Candidate) =>
    shell === 'bash' || description === '' ? value.slice(cut) : `${value}\t${description.replace(/\s+/g, ' ')}`
  return [besides, ...values.map(shown), ''].join('\n')
}
