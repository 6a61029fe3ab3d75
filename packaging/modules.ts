import { Script } from 'node:vm'

/** Where the program's modules lie: in the binary, or in a folder while it is made. */
export interface ModuleStore {
  source(name: string): string
  /** V8's code cache; undefined where there is none. */
  cache(name: string): Buffer | undefined
}

export interface Modules {
  require(specifier: string): unknown
  /** What was compiled until now, by name: its code can be cached with all that has run of it. */
  readonly scripts: ReadonlyMap<string, Script>
}

type Require = (specifier: string) => unknown
type Body = (exports: object, require: Require, module: { exports: unknown }) => void

/**
 * CommonJS as far as rolldown writes it: `./name.cjs` is a module of ours, everything else one of Node's. A module is compiled
 * when it is asked for, so that `--version` does not pay for what a cluster needs.
 */
export const createModules = (store: ModuleStore, builtin: Require): Modules => {
  const loaded = new Map<string, { exports: unknown }>()
  const scripts = new Map<string, Script>()
  const load = (name: string): unknown => {
    const known = loaded.get(name)
    if (known !== undefined) return known.exports
    const module = { exports: {} }
    loaded.set(name, module)
    const cachedData = store.cache(name)
    const script = new Script(wrap(store.source(name)), { filename: name, ...(cachedData && { cachedData }) })
    scripts.set(name, script)
    const body = script.runInThisContext() as Body
    body(module.exports, require, module)
    return module.exports
  }
  const require: Require = specifier => (specifier.startsWith('./') ? load(specifier.slice(2)) : builtin(specifier))
  return { require, scripts }
}

/** In one line before the first, so that line numbers stay. */
const wrap = (source: string): string => `(function (exports, require, module) {${source}\n})`
