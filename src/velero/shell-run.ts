import { type ContainerFiles, expand, find } from './container-files.ts'
import type { CommandEnd } from './copy-files.ts'
import { runProgram } from './known-programs.ts'
import { findProgram } from './program.ts'
import { parseScript } from './shell-script.ts'

/** A script given on a shell's command line. */
export interface ShellScript {
  readonly shell: string
  readonly script: string
  readonly stopAtFailure: boolean
}

/** `sh -c 'script'` and the like, with flags that change nothing, or that it stops at the first failure; else undefined. */
export const shellScript = ([shell = '', ...args]: readonly string[]): ShellScript | undefined => {
  if (!/(?:^|\/)(?:ba|da|a)?sh$/.test(shell)) return undefined
  const place = args.findIndex(arg => arg.includes('c') || !arg.startsWith('-'))
  const flags = args.slice(0, place + 1)
  const script = args[place + 1]
  if (place < 0 || script === undefined || !flags.every(arg => /^-[elux]*c?[elux]*$/.test(arg))) return undefined
  return { shell, script, stopAtFailure: flags.some(arg => arg.includes('e')) }
}

const maxScriptBytes = 16_384

interface State {
  files: ContainerFiles
  stopAtFailure: boolean
}

/** Follows the script command by command (XCU 2.9.3, and `set -e` of 2.8.1). */
export const runScript = (files: ContainerFiles, shell: ShellScript, searchPath: string): CommandEnd => {
  if (shell.script.length > maxScriptBytes) return { unknown: 'a script of more than 16 KiB' }
  const parsed = parseScript(shell.script)
  if ('unknown' in parsed) return parsed
  const state: State = { files, stopAtFailure: shell.stopAtFailure }
  const final = parsed.commands.length - 1
  const found = (name: string) => findProgram(state.files, name, searchPath)
  // Its shell may hold the programs in itself
  const busybox = found(shell.shell).path?.includes('busybox') === true
  let end: CommandEnd = { exit: 0 }
  let skip = false
  for (const [index, { words, next }] of parsed.commands.entries()) {
    const ran = !skip
    if (ran) {
      end = runCommand(state, expand(state.files, words), index === final, name => busybox || found(name).problem === undefined)
      if ('unknown' in end) return end
      if ('elsewhere' in end) return index === final ? end : { unknown: `writing to ${end.elsewhere} before copying on` }
    }
    const failed = 'exit' in end && end.exit !== 0
    if (failed && ran && state.stopAtFailure && next !== 'and') return end
    skip = failed && next === 'and'
  }
  return end
}

const runCommand = (state: State, argv: readonly string[], final: boolean, isThere: (name: string) => boolean): CommandEnd => {
  const [name = '', ...args] = argv
  if (name === 'set') return set(state, args)
  if (name === 'cd') return changeDirectory(state, args)
  if (name === 'exec' && final && args.length > 0 && args[0] !== 'exec') return runCommand(state, args, final, isThere)
  if (['true', ':', 'echo', 'printf', 'pwd'].includes(name)) return { exit: 0 }
  if (!isThere(name)) return { exit: 127, why: `the image has no program "${name}"` }
  return runProgram(state.files, argv)
}

const set = (state: State, args: readonly string[]): CommandEnd => {
  if (!args.every(arg => /^-[eux]*o?$|^pipefail$/.test(arg))) return { unknown: `the command "set ${args.join(' ')}"` }
  if (args.some(arg => /^-.*e/.test(arg))) state.stopAtFailure = true
  return { exit: 0 }
}

const changeDirectory = (state: State, args: readonly string[]): CommandEnd => {
  const found = args.length === 1 ? find(state.files, args[0]!, 'follow') : 'ENOENT'
  if (typeof found === 'string' || found.node.kind !== 'directory') return { exit: 1, why: `cd ${args.join(' ')}: no such folder` }
  state.files = { ...state.files, workingDir: found.path }
  return { exit: 0 }
}
