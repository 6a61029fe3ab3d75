/** A Go module in a binary. `version` is `(devel)` where it was built from a working copy. */
export interface GoModule {
  readonly path: string
  readonly version: string
  /** What `replace` in go.mod put in its place; `version` is empty or `(devel)` for a folder. */
  readonly replacedBy?: { readonly path: string; readonly version: string }
}

export interface GoModules {
  /** Path of the main package; `command-line-arguments` for a list of files. */
  readonly path?: string
  readonly main?: GoModule
  readonly dependencies: readonly GoModule[]
  /** GOOS, GOARCH, CGO_ENABLED, vcs.revision and the like. */
  readonly settings: ReadonlyMap<string, string>
}

/** The lines of Go 1.26 runtime/debug.BuildInfo; what does not belong there is passed over. */
export const parseModules = (text: string): GoModules => {
  const all: { kind: 'mod' | 'dep'; module: GoModule }[] = []
  const settings = new Map<string, string>()
  let path: string | undefined
  for (const line of text.split('\n')) {
    const [key, name = '', version = ''] = line.split('\t')
    if (key === 'path') path = name
    else if (key === 'mod' || key === 'dep') all.push({ kind: key, module: { path: name, version } })
    else if (key === '=>') {
      const last = all.pop()
      if (last !== undefined) all.push({ ...last, module: { ...last.module, replacedBy: { path: name, version } } })
    } else if (key === 'build') {
      const [, setting, value] = settingLine.exec(line) ?? []
      if (setting !== undefined && value !== undefined) settings.set(unquoted(setting), unquoted(value))
    }
  }
  const main = all.find(({ kind }) => kind === 'mod')?.module
  return {
    ...(path === undefined ? {} : { path }),
    ...(main === undefined ? {} : { main }),
    dependencies: all.filter(({ kind }) => kind === 'dep').map(({ module }) => module),
    settings,
  }
}

/** Key and value are quoted as in Go when they hold spaces, quotes or backquotes. */
const settingLine = /^build\t("(?:[^"\\]|\\.)*"|`[^`]*`|[^="`]*)=(.*)$/

const unquoted = (text: string): string => {
  if (text.startsWith('`')) return text.slice(1, -1)
  if (!text.startsWith('"')) return text
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}
