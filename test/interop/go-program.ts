import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Context } from 'mocha'
import { debian, succeed } from './peers.ts'
import { temporaryFolder } from './processes.ts'

/**
 * Builds the program of the folder `name` beside this file, and gives its path. Go's build cache makes that short the second time.
 *
 * @param modules what it imports, with versions: `example.com/module@v1.2.3`
 */
export const goProgram = async (test: Context, name: string, modules: readonly string[]): Promise<string> => {
  const go = debian(test, 'go')
  test.timeout(10 * 60_000)
  const folder = temporaryFolder(name)
  copyFileSync(fileURLToPath(new URL(`./${name}/main.go`, import.meta.url)), join(folder, 'main.go'))
  writeFileSync(join(folder, 'go.mod'), `module interop/${name}\n\ngo 1.26.0\n`)
  const options = { cwd: folder, env: { GOFLAGS: '-mod=mod', CGO_ENABLED: '0' }, timeoutMs: 9 * 60_000 }
  await succeed(go, ['get', ...modules], options)
  await succeed(go, ['build', '-o', name, '.'], options)
  return join(folder, name)
}
