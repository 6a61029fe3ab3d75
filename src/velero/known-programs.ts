import { runChmod } from './change-mode.ts'
import { type ContainerFiles, find } from './container-files.ts'
import { type CommandEnd, runCp, runCpPlugin } from './copy-files.ts'
import { parseCp } from './cp-options.ts'

const harmless = new Set(['ls', 'id', 'whoami', 'date', 'true', 'echo', 'printf', 'pwd', ':'])

/** What a program does to `/target`, for the few that plugin images use; all others are unknown. */
export const runProgram = (files: ContainerFiles, argv: readonly string[]): CommandEnd => {
  const [program = '', ...rest] = argv
  const applet = baseName(program) === 'busybox' ? rest[0] : program
  const name = baseName(applet ?? '')
  const args = applet === program ? rest : rest.slice(1)
  if (harmless.has(name)) return { exit: 0 }
  if (name === 'cp') return cp(files, args)
  if (name === 'cp-plugin') return runCpPlugin(files, args)
  if (name === 'chmod') return runChmod(files, args)
  return (name === 'mkdir' ? mkdir(files, args) : undefined) ?? { unknown: `the command "${argv.slice(0, 20).join(' ')}"` }
}

const baseName = (path: string): string => path.split('/').at(-1)!

const cp = (files: ContainerFiles, args: readonly string[]): CommandEnd => {
  const options = parseCp(args)
  if ('unknown' in options) return options
  return 'usage' in options ? { exit: 1, why: `cp: ${options.usage}` } : runCp(files, options)
}

/** Only what people write before they copy: `mkdir -p /target`. */
const mkdir = (files: ContainerFiles, args: readonly string[]): CommandEnd | undefined => {
  const paths = args.filter(arg => arg !== '-p')
  const there = paths.every(path => typeof find(files, path, 'follow') !== 'string')
  if (!there) return undefined
  return args.includes('-p') ? { exit: 0 } : { exit: 1, why: `mkdir ${paths.join(' ')}: it exists` }
}
