import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * For a checkout on a machine whose Node is too old: runs `script` with the Node that `npm ci` brought for the tests.
 * Gives the exit code; 2 when there is none.
 */
export const runInBundledNode = async script => {
  const packages = [`node-linux-${process.arch}`].map(name => fileURLToPath(new URL(`../node_modules/${name}/bin/node`, script)))
  const node = process.platform === 'linux' ? packages.find(existsSync) : undefined
  if (node === undefined) {
    process.stderr.write(`velero-plugin-preflight needs Node 22.22.2, 24.15.0 or 26 and later; this is ${process.versions.node}.\n`)
    return 2
  }
  const child = spawn(node, [fileURLToPath(script), ...process.argv.slice(2)], { stdio: 'inherit' })
  // The other one reports what it found. A terminal sends its Ctrl-C to both of them.
  const inTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  process.on('SIGINT', () => inTerminal || child.kill('SIGINT'))
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve(code === null ? 1 : code))
  })
}
