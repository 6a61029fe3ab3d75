import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'

/** Libraries that most runs load, and that are quicker found and linked in one file with the command. */
const bundled = ['@noble/curves', '@noble/hashes', 'commander', 'smol-toml', 'undici', 'yaml']

const isBundled = name => bundled.some(one => name === one || name.startsWith(`${one}/`))

const licenceOf = name => {
  const folder = new URL(`node_modules/${name}/`, import.meta.url)
  const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry))
  const { version } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'))
  return `${name} ${version}\n\n${readFileSync(new URL(file, folder), 'utf8').trim()}\n`
}

/**
 * The command as a few files instead of hundreds, which take longer to find and to link than most runs need for their work.
 * Other dependencies stay what they are: installed beside it, and loaded when they are needed. `dist/bin` is as deep as
 * `src/world`, from where the specs are found.
 */
// biome-ignore lint/style/noDefaultExport: rolldown reads it so
export default {
  input: 'dist/cli.js',
  platform: 'node',
  external: name => isBuiltin(name) || (/^[^./]/.test(name) && !isBundled(name)),
  output: { dir: 'dist/bin', format: 'esm', cleanDir: true },
  plugins: [
    {
      name: 'licences',
      generateBundle() {
        this.emitFile({
          type: 'asset',
          fileName: 'third-party-licences.txt',
          source: bundled.map(licenceOf).join(`\n${'-'.repeat(80)}\n\n`),
        })
      },
    },
  ],
}
