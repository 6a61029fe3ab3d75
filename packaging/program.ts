import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type OutputChunk, rolldown } from 'rolldown'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** The program in a few CommonJS modules, with everything inside that it needs. */
export interface Program {
  /** By name; `cli.cjs` has `main`. */
  readonly modules: ReadonlyMap<string, string>
  /** The main script of the binary. */
  readonly main: string
  /** Folders of the npm packages that are inside, from the root of the checkout. */
  readonly packages: readonly string[]
}

/** What the binary has in the place of modules that look beside themselves. */
const replacements = (build: string): Readonly<Record<string, () => string>> => ({
  'src/version.ts': () =>
    `${readFileSync(join(root, 'src/version.ts'), 'utf8')}`.replace(/(?<=build: string \| undefined = )undefined/, JSON.stringify(build)),
  'src/world/shipped-files.ts': () => {
    const files = readdirSync(join(root, 'specs'), { recursive: true, encoding: 'utf8' }).filter(name => /\.ya?ml$/.test(name))
    const texts = Object.fromEntries(files.map(name => [`specs/${name}`, readFileSync(join(root, 'specs', name), 'utf8')]))
    return `const texts = ${JSON.stringify(texts)}\nexport const readShippedFile = async path => new TextEncoder().encode(texts[path])\n`
  },
})

/** @param build what `--version` says beside the version */
export const bundleProgram = async (build: string): Promise<Program> => {
  const replaced = replacements(build)
  const modules = await rolldown({
    input: { cli: join(root, 'src/cli.ts') },
    platform: 'node',
    external: name => isBuiltin(name),
    logLevel: 'silent',
    plugins: [
      {
        name: 'embedded',
        load(id) {
          const path = relative(root, id)
          const make = replaced[path]
          if (make !== undefined) return { code: make(), moduleType: path === 'src/version.ts' ? 'ts' : 'js' }
          // What looks for a file beside itself finds none in a binary.
          if (path.startsWith('src/') && readFileSync(id, 'utf8').includes('import.meta'))
            throw new Error(`${path} uses import.meta; packaging/program.ts has to put something in its place`)
          return undefined
        },
      },
    ],
  })
  const { output } = await modules.generate({ format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs' })
  const chunks = output.filter((file): file is OutputChunk => file.type === 'chunk')
  const main = await rolldown({
    input: join(root, 'packaging/main.ts'),
    platform: 'node',
    external: name => isBuiltin(name),
    logLevel: 'silent',
  })
  const {
    output: [script],
  } = await main.generate({ format: 'cjs' })
  return {
    modules: new Map(chunks.map(({ fileName, code }) => [fileName, code])),
    main: script.code,
    packages: [...new Set(chunks.flatMap(({ moduleIds }) => moduleIds.flatMap(packageOf)))].toSorted(),
  }
}

/** `node_modules/a/node_modules/@b/c` of a file in it; of ours nothing. */
const packageOf = (id: string): readonly string[] => {
  const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(relative(root, id.replace(/^\0/, '').split('?')[0]!)) ?? []
  return folder === undefined ? [] : [folder]
}
