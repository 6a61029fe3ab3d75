import { getAsset, getRawAsset } from 'node:sea'
import { createModules } from './modules.ts'

// The main script of the binary: everything else is an asset beside it.
const caches = new Set(getAsset('caches', 'utf8').split('\n'))
const modules = createModules(
  {
    source: name => getAsset(name, 'utf8'),
    cache: name => (caches.has(name) ? Buffer.from(getRawAsset(`${name}.cache`)) : undefined),
  },
  // Of a single executable this is Node's own, and knows its built-in modules alone.
  require,
)
const { main } = modules.require('./cli.cjs') as typeof import('../src/cli.ts')
main(process.argv.slice(2), process).then(code => {
  process.exitCode = code
})
