#!/usr/bin/env node
import { existsSync } from 'node:fs'
import module from 'node:module'

// A checkout runs its sources, the package its build. Old syntax only up to here: any Node must be able to say what it lacks.
const source = new URL('../src/cli.ts', import.meta.url)
const [major, minor] = process.versions.node.split('.').map(Number)
const fits = (major === 22 && minor >= 22) || (major === 24 && minor >= 15) || major >= 26
if (fits) {
  module.enableCompileCache()
  const { main } = await import(existsSync(source) ? source.href : new URL('../dist/bin/cli.js', import.meta.url).href)
  process.exitCode = await main(process.argv.slice(2), process)
} else {
  const { runInBundledNode } = await import('./bundled-node.js')
  process.exitCode = await runInBundledNode(new URL(import.meta.url))
}
