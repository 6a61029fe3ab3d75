import type { Directory, FileNode } from '../oci/file-tree.ts'
import type { Identity } from '../oci/identity.ts'
import { containerFiles, TooMuchWork } from './container-files.ts'
import type { CommandEnd } from './copy-files.ts'
import { runProgram } from './known-programs.ts'
import { type FoundProgram, findProgram } from './program.ts'
import { runScript, shellScript } from './shell-run.ts'

/** What the init container would do. */
export interface InitRun {
  /** Absent without a command. */
  readonly program?: FoundProgram
  readonly end: InitEnd
  /** `/target` as Velero then finds it. */
  readonly target: Directory
  /** From where in the image each thing in it came. */
  readonly origins: ReadonlyMap<FileNode, string>
}

/** `failed`: the init container ends with an error, and Velero never starts. `unknown`: not one of the known ways to copy. */
export type InitEnd =
  | {
      readonly state: 'done'
      /** Where it copied to instead of `/target`. */
      readonly elsewhere?: string
    }
  | { readonly state: 'failed' | 'unknown'; readonly why: string }

export interface InitCommand {
  readonly argv: readonly string[]
  readonly searchPath: string
  readonly workingDir: string
  readonly who: Identity
}

/** Plays through what the image's command copies to `/target`. Runs nothing. */
export const runInitCommand = (image: Directory, { argv, searchPath, workingDir, who }: InitCommand): InitRun => {
  const files = containerFiles(image, who, workingDir)
  const made = { target: files.target, origins: files.origins }
  const [name] = argv
  if (name === undefined) return { ...made, end: { state: 'failed', why: 'the image has neither ENTRYPOINT nor CMD' } }
  const program = findProgram(files, name, searchPath)
  try {
    const shell = shellScript(argv)
    const end = shell === undefined ? runProgram(files, argv) : runScript(files, shell, searchPath)
    return { ...made, program, end: initEnd(end) }
  } catch (error) {
    if (!(error instanceof TooMuchWork)) throw error
    return { ...made, program, end: { state: 'unknown', why: 'copying more files than any plugin image has' } }
  }
}

const initEnd = (end: CommandEnd): InitEnd => {
  if ('unknown' in end) return { state: 'unknown', why: end.unknown }
  if ('elsewhere' in end) return { state: 'done', elsewhere: end.elsewhere }
  return end.exit === 0 ? { state: 'done' } : { state: 'failed', why: end.why ?? `exit code ${end.exit}` }
}
