import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { version } from '../src/version.ts'
import { makeExecutable } from './executable.ts'
import { licencesOf } from './licences.ts'
import { execute, nodePackage, nodeVersion, type Target, targets } from './nodes.ts'
import { bundleProgram, root } from './program.ts'
import { sbomOf } from './sbom.ts'

/** Where a release is made; not in the package and not in git. */
export const releaseFolder = join(root, 'release')

export const binaryName = ({ name }: Target): string => `velero-plugin-preflight-${name}`

/** Of what is built: the commit, with a mark when there is more than it has, and its time. */
export const commitHere = async (): Promise<{ readonly commit: string; readonly date: string }> => {
  const git = async (...args: string[]) => (await execute('git', args, { cwd: root })).stdout.trim()
  const [commit, seconds] = (await git('log', '-1', '--format=%H %ct')).split(' ')
  const changed = (await git('status', '--porcelain')) !== ''
  return { commit: `${commit}${changed ? '-changed' : ''}`, date: new Date(Number(seconds) * 1000).toISOString() }
}

const sha256Of = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

/** `npm run build:binary [-- linux-x64 …]` */
const build = async (wanted: readonly string[]): Promise<void> => {
  const chosen = targets.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
  if (chosen.length === 0) throw new Error(`there is no ${wanted.join(', ')}; there are ${targets.map(({ name }) => name).join(', ')}`)
  mkdirSync(releaseFolder, { recursive: true })
  const { commit, date } = await commitHere()
  const short = commit.replace(/^(.{12})[0-9a-f]*/, '$1')
  for (const target of chosen) {
    const program = await bundleProgram(`commit ${short}, Node ${nodeVersion}, ${target.name}`)
    const name = binaryName(target)
    const path = join(releaseFolder, name)
    const { withoutCache } = await makeExecutable(program, target, path, join(releaseFolder, `.work-${target.name}`))
    const sbom = sbomOf({ name, version, commit, date, sha256: sha256Of(path) }, program.packages, target)
    writeFileSync(`${path}.cdx.json`, sbom)
    const licences = `${licencesOf(program.packages)}\n${'-'.repeat(80)}\n\n${readFileSync(join(await nodePackage(target), 'LICENSE'), 'utf8')}`
    writeFileSync(`${path}.licences.txt`, licences)
    process.stderr.write(`${path}${withoutCache === undefined ? '' : ` (it starts more slowly: ${withoutCache})`}\n`)
  }
  writeSums()
}

/** What `sha256sum --check` reads, of everything that is there. */
const writeSums = (): void => {
  const names = readdirSync(releaseFolder).filter(name => /^velero-plugin-preflight-linux-/.test(name))
  writeFileSync(
    join(releaseFolder, 'SHA256SUMS'),
    names
      .toSorted()
      .map(name => `${sha256Of(join(releaseFolder, name))}  ${name}\n`)
      .join(''),
  )
}

if (import.meta.main) await build(process.argv.slice(2))
