import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { createModules } from './modules.ts'

/**
 * `record FOLDER NAME…`: compiles the modules NAME… in FOLDER, lets the program do what most runs do, and writes what V8 compiled
 * beside each. It is run by the Node that the binary is made from: no other takes its code.
 */
const [folder = '', ...names] = process.argv.slice(2)
const modules = createModules(
  { source: name => readFileSync(join(folder, name), 'utf8'), cache: () => undefined },
  createRequire(import.meta.url),
)
const { main } = modules.require('./cli.cjs') as typeof import('../src/cli.ts')
const nowhere = () => Object.assign(new Writable({ write: (_chunk, _encoding, done) => done() }), { isTTY: false })
const config = join(folder, 'config.yaml')
writeFileSync(
  config,
  `apiVersion: embeddedcluster.replicated.com/v1beta1
kind: Config
metadata: {name: config}
spec:
  extensions:
    velero:
      plugins:
        - {name: plugin, image: "127.0.0.1:1/plugin:v1"}
`,
)
const io = {
  stdin: process.stdin,
  stdout: nowhere(),
  stderr: nowhere(),
  env: { HOME: folder },
  cwd: () => folder,
  on: () => {},
  off: () => {},
}
for (const argv of [
  ['--version'],
  ['--help'],
  ['run', '--config', config, '--no-bundle', '--format', 'json'],
  ['run', '--config', config, '--no-bundle'],
])
  await main(argv, io)
for (const name of names) {
  modules.require(`./${name}`)
  writeFileSync(join(folder, `${name}.cache`), modules.scripts.get(name)!.createCachedData())
}
