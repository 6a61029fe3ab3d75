/** How `cp` is asked to copy, in GNU coreutils 9 and busybox 1.37. */
export interface CpOptions {
  readonly recursive: boolean
  /** Symbolic links are copied as such. */
  readonly keepLinks: boolean
  /** Links named on the command line are followed even so (`-H`). */
  readonly followNamed: boolean
  /** Mode and owner are those of the source. */
  readonly preserve: boolean
  /** `-T`: the last operand is never a directory to copy into. */
  readonly exact: boolean
  /** `-n`: what is there stays. */
  readonly keepExisting: boolean
  readonly sources: readonly string[]
  readonly destination: string
}

interface Settings {
  recursive: boolean
  links: 'keep' | 'follow' | undefined
  followNamed: boolean
  preserve: boolean
  exact: boolean
  keepExisting: boolean
}

/** What an option, without its dashes, changes. */
const effects: Readonly<Record<string, Partial<Settings>>> = {
  r: { recursive: true },
  d: { links: 'keep' },
  L: { links: 'follow' },
  H: { followNamed: true },
  p: { preserve: true },
  T: { exact: true },
  n: { keepExisting: true },
  a: { recursive: true, links: 'keep', preserve: true },
}
const same: Readonly<Record<string, string>> = {
  R: 'r',
  P: 'd',
  recursive: 'r',
  archive: 'a',
  'no-dereference': 'd',
  dereference: 'L',
  'no-target-directory': 'T',
  'no-clobber': 'n',
  preserve: 'p',
}
/** They change nothing of what lands in an empty folder. */
const harmless = new Set(['f', 'v', 'u', 'x', 'i', 'force', 'verbose', 'update', 'one-file-system', 'remove-destination'])
const harmlessValue = /^(?:reflink|sparse|no-preserve|preserve|update)(?:=|$)/

/** @returns the options, `unknown` for one that is not known here, `usage` for what every cp refuses */
export const parseCp = (args: readonly string[]): CpOptions | { readonly unknown: string } | { readonly usage: string } => {
  const settings: Settings = {
    recursive: false,
    links: undefined,
    followNamed: false,
    preserve: false,
    exact: false,
    keepExisting: false,
  }
  let directory: string | undefined
  const operands: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!
    if (arg === '--') {
      operands.push(...args.slice(at + 1))
      break
    }
    if (!arg.startsWith('-') || arg === '-') {
      operands.push(arg)
      continue
    }
    const target = /^(?:-t|--target-directory=)(.+)$/s.exec(arg)?.[1]
    if (target !== undefined) directory = target
    else if (arg === '-t' || arg === '--target-directory') directory = args[++at]
    else {
      const unknown = apply(settings, arg)
      if (unknown !== undefined) return { unknown: `the option ${unknown} of cp` }
    }
  }
  const destination = directory ?? operands.pop()
  if (destination === undefined || operands.length === 0) return { usage: 'missing file operand' }
  const { links, ...rest } = settings
  return { ...rest, keepLinks: links === undefined ? settings.recursive : links === 'keep', sources: operands, destination }
}

/** The option that is not known, if there is one. */
const apply = (settings: Settings, arg: string): string | undefined => {
  const names = arg.startsWith('--') ? [arg.slice(2)] : [...arg.slice(1)]
  for (const name of names) {
    const known = /^preserve=.*(?:all|mode)/.test(name) ? 'p' : (same[name] ?? name)
    if (Object.hasOwn(effects, known)) Object.assign(settings, effects[known])
    else if (!harmless.has(name) && !harmlessValue.test(name)) return arg.startsWith('--') ? arg : `-${name}`
  }
  return undefined
}
