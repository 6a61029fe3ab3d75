import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runDemo } from './run-demo.ts'

// npm start: a registry on loopback with sample plugins, and one report with passes, a warn and fails.

const say = (text: string) => process.stdout.write(`${text}\n`)

say('A registry on loopback is filled with five sample plugins, some of them signed; then this command runs:\n')
const { command, report, progress, exitCode, folder } = await runDemo({ colour: process.stdout.isTTY })
say(`  ${command}\n`)
say(report)
process.stderr.write(progress)
const bundle = readdirSync(folder)
  .filter(name => name.endsWith('.tar.gz'))
  .sort()
  .at(-1)
say(
  `The run ended with exit code ${exitCode}: ${exitCode === 3 ? 'at least one check failed, as it should here' : 'this is not what the demo expects'}.`,
)
say(`
What to try next, on what is now in ${folder}/ (the registry is gone, the bundle is enough):

  bin/velero-plugin-preflight.js analyze ${join(folder, bundle ?? '')} --key ${join(folder, 'cosign.pub')}
  bin/velero-plugin-preflight.js analyze ${join(folder, bundle ?? '')} --format json --require-signatures
  bin/velero-plugin-preflight.js run --config your-embedded-cluster-config.yaml --secrets your-secrets/
`)
process.exitCode = exitCode === 3 ? 0 : 1
