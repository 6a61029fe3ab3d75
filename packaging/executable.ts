import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { debianRuntime } from './debian.ts'
import { execute, nodePackage, type Target } from './nodes.ts'
import { type Program, root } from './program.ts'

/** What Node looks for in its own program (Node 24, doc/api/single-executable-applications.md). */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/** Runs the target's Node on this machine. */
type RunNode = (args: readonly string[]) => Promise<void>

export interface Executable {
  /** Why it starts more slowly than it could; undefined when it does not. */
  readonly withoutCache: string | undefined
}

/** Makes the executable of `program` for `target` at `path`; `work` is a folder of its own. */
export const makeExecutable = async (program: Program, target: Target, path: string, work: string): Promise<Executable> => {
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const node = join(await nodePackage(target), 'bin/node')
  const names = [...program.modules.keys()]
  for (const [name, source] of program.modules) writeFileSync(join(work, name), source)
  writeFileSync(join(work, 'main.cjs'), program.main)
  const own = await runnerOf(target, node)
  if (typeof own !== 'string') await own([join(root, 'packaging/record.ts'), work, ...names])
  const cached = typeof own === 'string' ? [] : names
  writeFileSync(join(work, 'caches'), cached.join('\n'))
  const assets = [...names, ...cached.map(name => `${name}.cache`), 'caches']
  const blob = join(work, 'program.blob')
  const settings = {
    main: join(work, 'main.cjs'),
    output: blob,
    disableExperimentalSEAWarning: true,
    useCodeCache: typeof own !== 'string',
    // NODE_OPTIONS are of other programs: one of theirs that this Node does not know would end ours.
    execArgvExtension: 'none',
    assets: Object.fromEntries(assets.map(name => [name, join(work, name)])),
  }
  writeFileSync(join(work, 'sea.json'), JSON.stringify(settings))
  const make: RunNode = typeof own === 'string' ? async args => void (await execute(process.execPath, [...args])) : own
  await make(['--experimental-sea-config', join(work, 'sea.json')])
  copyFileSync(node, path)
  // It warns of section names that it does not need; of a failure its output is in the error.
  await execute(process.execPath, [join(root, 'node_modules/postject/dist/cli.js'), path, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', fuse])
  chmodSync(path, 0o755)
  rmSync(work, { recursive: true })
  return { withoutCache: typeof own === 'string' ? own : undefined }
}

/** Runs the target's Node, by an emulator where this machine is another; or says why it cannot. */
const runnerOf = async (target: Target, node: string): Promise<RunNode | string> => {
  const runs = async (program: string, first: readonly string[]): Promise<RunNode> => {
    await execute(program, [...first, '--version'])
    return async args => void (await execute(program, [...first, ...args], { timeout: 600_000 }))
  }
  if (target.name === `linux-${process.arch}`) return runs(node, [])
  try {
    await execute(target.emulator, ['--version'])
    return await runs(target.emulator, ['-L', (await debianRuntime(target)).root, node])
  } catch (cause) {
    return `V8's code cache needs the target's own Node to run here: ${cause instanceof Error ? cause.message.split('\n')[0] : cause}`
  }
}
