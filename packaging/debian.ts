import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { execute, type Target } from './nodes.ts'

export interface DebianPackage {
  readonly name: string
  readonly version: string
  readonly architecture: string
  readonly sha256: string
}

/** A file of the image beside the program; `path` without the first slash. */
export interface RuntimeFile {
  readonly path: string
  readonly bytes: Uint8Array
  readonly mode: number
}

export interface DebianRuntime {
  /** The packages unpacked: where an emulator finds the libraries (`-L`). */
  readonly root: string
  readonly packages: readonly DebianPackage[]
  readonly files: readonly RuntimeFile[]
}

const names = ['libc6', 'libstdc++6', 'libgcc-s1', 'ca-certificates']
const maxAgeMs = 24 * 3_600_000

/** By the names that Node's program asks for (`readelf -d`), and the loader at the path that stands in it. */
const libraries = ['libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'libstdc++.so.6', 'libgcc_s.so.1']
const loaders = {
  amd64: { triple: 'x86_64-linux-gnu', loader: 'lib64/ld-linux-x86-64.so.2' },
  arm64: { triple: 'aarch64-linux-gnu', loader: 'lib/ld-linux-aarch64.so.1' },
} as const

const cacheFolder = () => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'velero-plugin-preflight', 'debian')

/**
 * The few libraries and certificates that the program needs, from Debian's packages. apt gets and verifies them, with lists of its own
 * for that architecture: nothing is installed, and root is not needed. What is here is taken for a day.
 */
export const debianRuntime = async ({ architecture }: Target): Promise<DebianRuntime> => {
  const folder = join(cacheFolder(), architecture)
  if (ageMs(join(folder, 'packages.json')) > maxAgeMs) await fetchPackages(folder, architecture)
  const root = join(folder, 'root')
  const packages = JSON.parse(readFileSync(join(folder, 'packages.json'), 'utf8')) as readonly DebianPackage[]
  return { root, packages, files: runtimeFiles(root, architecture) }
}

const ageMs = (path: string): number => {
  try {
    return Date.now() - statSync(path).mtimeMs
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

const fetchPackages = async (folder: string, architecture: string): Promise<void> => {
  mkdirSync(cacheFolder(), { recursive: true })
  const work = mkdtempSync(join(cacheFolder(), '.fetch-'))
  try {
    for (const part of ['state/lists/partial', 'cache/archives/partial', 'packages', 'root'])
      mkdirSync(join(work, part), { recursive: true })
    writeFileSync(join(work, 'state/status'), '')
    const settings = [
      `APT::Architecture=${architecture}`,
      `APT::Architectures=${architecture}`,
      `Dir::State=${join(work, 'state')}`,
      `Dir::State::status=${join(work, 'state/status')}`,
      `Dir::Cache=${join(work, 'cache')}`,
      // The folder is of whoever runs this, and apt's own user may not write there.
      'APT::Sandbox::User=root',
    ].flatMap(setting => ['-o', setting])
    await execute('apt-get', [...settings, 'update'], { cwd: work })
    await execute('apt-get', [...settings, 'download', ...names], { cwd: join(work, 'packages') })
    const archives = readdirSync(join(work, 'packages')).toSorted()
    const packages: DebianPackage[] = []
    for (const archive of archives) {
      const path = join(work, 'packages', archive)
      await execute('dpkg-deb', ['-x', path, join(work, 'root')])
      const { stdout } = await execute('dpkg-deb', ['-f', path, 'Package', 'Version', 'Architecture'])
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(stdout)?.[1] ?? ''
      const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
      packages.push({ name: field('Package'), version: field('Version'), architecture: field('Architecture'), sha256 })
    }
    for (const part of ['state', 'cache', 'packages']) rmSync(join(work, part), { recursive: true })
    writeFileSync(join(work, 'packages.json'), `${JSON.stringify(packages, null, 2)}\n`)
    rmSync(folder, { recursive: true, force: true })
    renameSync(work, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

const runtimeFiles = (root: string, architecture: Target['architecture']): readonly RuntimeFile[] => {
  const { triple, loader } = loaders[architecture]
  const find = (name: string): string => {
    const found = [`lib/${triple}`, `usr/lib/${triple}`]
      .map(folder => join(root, folder, name))
      .find(path => ageMs(path) < Number.POSITIVE_INFINITY)
    if (found === undefined) throw new Error(`Debian's packages for ${architecture} have no ${name}`)
    return realpathSync(found)
  }
  const library = (path: string, name: string): RuntimeFile => ({ path, bytes: readFileSync(find(name)), mode: 0o755 })
  const authorities = join(root, 'usr/share/ca-certificates/mozilla')
  // As update-ca-certificates of that package does it when it is installed.
  const certificates = readdirSync(authorities)
    .toSorted()
    .map(name => readFileSync(join(authorities, name), 'utf8').trimEnd())
  const text = (path: string, content: string): RuntimeFile => ({ path, bytes: Buffer.from(content), mode: 0o644 })
  const licences = ['libc6', 'libstdc++6', 'libgcc-s1', 'ca-certificates'].flatMap(name => copyrightOf(root, name))
  return [
    library(loader, loader.split('/').at(-1)!),
    ...libraries.map(name => library(`lib/${triple}/${name}`, name)),
    text('etc/ssl/certs/ca-certificates.crt', `${certificates.join('\n')}\n`),
    text('etc/nsswitch.conf', 'hosts: files dns\n'),
    ...licences,
  ]
}

/** gcc's libraries have theirs as a link into another package. */
const copyrightOf = (root: string, name: string): readonly RuntimeFile[] => {
  const path = `usr/share/doc/${name}/copyright`
  try {
    return [{ path, bytes: readFileSync(join(root, path)), mode: 0o644 }]
  } catch {
    return []
  }
}
