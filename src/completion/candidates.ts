import type { Command, Option } from 'commander'

/** What may stand where the cursor is. */
export interface Candidates {
  /** What the shell offers besides: names of files, of folders, or none. */
  readonly besides: 'files' | 'folders' | 'nothing'
  readonly values: readonly Candidate[]
}

export interface Candidate {
  readonly value: string
  readonly description?: string
}

/** Words that an option or argument takes, by its long flag or `command argument`, where commander does not know them. */
export type KnownWords = Readonly<Record<string, readonly Candidate[]>>

const nothing: Candidates = { besides: 'nothing', values: [] }

const startingWith = (values: readonly Candidate[], start: string): readonly Candidate[] =>
  values.filter(({ value }) => value.startsWith(start))

/** Where several values stand in one word, separated by commas, the last is completed. */
const lists = new Set(['--checks', '--platform', '--plain-http'])

/** By what its value is called in the help: `<file>`, `<path>`, `<dir>`. */
const besidesOf = (name: string): Candidates['besides'] => {
  if (/\b(?:file|path|spec|bundle)\b/.test(name)) return 'files'
  return /\bdirs?\b/.test(name) ? 'folders' : 'nothing'
}

const firstSentence = (text: string): string => text.split(/[:;(]/)[0]?.trim() ?? ''

const valueCandidates = (option: Option, start: string, prefix: string, known: KnownWords): Candidates => {
  const words = option.argChoices?.map(value => ({ value })) ?? known[option.long ?? ''] ?? []
  const before = lists.has(option.long ?? '') ? start.slice(0, start.lastIndexOf(',') + 1) : ''
  const values = startingWith(words, start.slice(before.length)).map(one => ({ ...one, value: `${prefix}${before}${one.value}` }))
  return { besides: words.length > 0 ? 'nothing' : besidesOf(option.flags), values }
}

const isRequired = ({ required }: Option): boolean => required

/**
 * @param words what stands before the cursor, without the program's name; the last one is what is completed
 */
export const candidates = (program: Command, words: readonly string[], known: KnownWords): Candidates => {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const commands = program.commands.filter(command => !isHidden(command))
  let called: Command | undefined
  const operands: string[] = []
  for (let index = 0; index < before.length; index++) {
    const word = before[index] ?? ''
    if (word === '--') return operandCandidates(called, [...operands, ...before.slice(index + 1)], current, commands, known)
    if (!word.startsWith('-') || word === '-') {
      const named = called === undefined && operands.length === 0 ? commands.find(command => command.name() === word) : undefined
      if (named === undefined) operands.push(word)
      else called = named
      continue
    }
    const option = word.includes('=') ? undefined : optionOf(word, program, called)
    if (option === undefined || !isRequired(option)) continue
    if (index === before.length - 1) return valueCandidates(option, current, '', known)
    index++
  }
  if (!current.startsWith('-') || current === '-') {
    if (current !== '-') return operandCandidates(called, operands, current, commands, known)
  }
  const [flag = '', value] = current.split(/=(.*)/s)
  if (value !== undefined) {
    const option = optionOf(flag, program, called)
    return option === undefined ? nothing : valueCandidates(option, value, `${flag}=`, known)
  }
  const options = [...optionsOf(program, called)].filter(({ hidden }) => !hidden)
  const flags = options.flatMap(({ long, description }) =>
    long === undefined || long === null ? [] : [{ value: long, description: firstSentence(description) }],
  )
  return { besides: 'nothing', values: startingWith([...flags, { value: '--help', description: 'print help' }], current) }
}

/** Without a command, what is run by default takes the options. */
const optionsOf = (program: Command, called: Command | undefined): readonly Option[] => {
  const command = called ?? program.commands.find(one => one.name() === 'run')
  return [...(command?.options ?? []), ...(called === undefined ? program.options : [])]
}

const optionOf = (flag: string, program: Command, called: Command | undefined): Option | undefined =>
  optionsOf(program, called).find(option => option.long === flag || option.short === flag)

const isHidden = (command: Command): boolean => command.name().startsWith('_')

const operandCandidates = (
  called: Command | undefined,
  operands: readonly string[],
  current: string,
  commands: readonly Command[],
  known: KnownWords,
): Candidates => {
  const names = commands.map(command => ({ value: command.name(), description: firstSentence(command.description()) }))
  // The default command takes specs: files.
  if (called === undefined) return { besides: 'files', values: operands.length === 0 ? startingWith(names, current) : [] }
  const all = called.registeredArguments
  const argument = all[Math.min(operands.length, all.length - 1)]
  if (argument === undefined || (operands.length >= all.length && !argument.variadic)) return nothing
  const words = argument.argChoices?.map(value => ({ value })) ?? known[`${called.name()} ${argument.name()}`]
  if (words !== undefined) return { besides: 'nothing', values: startingWith(words, current) }
  return { besides: besidesOf(argument.name()), values: [] }
}
