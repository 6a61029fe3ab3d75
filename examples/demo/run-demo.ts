import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Io, main, type Output } from '../../src/cli.ts'
import { demoWorld } from './plugins.ts'

export interface DemoRun {
  readonly command: string
  readonly report: string
  readonly progress: string
  readonly exitCode: number
  /** Where its Config, Secret, key and bundle are. */
  readonly folder: string
}

/** Runs the real command on the demo's Config, with the registry in this process. */
export const runDemo = async ({
  colour = false,
  folder = 'demo-output',
}: {
  readonly colour?: boolean
  readonly folder?: string
} = {}): Promise<DemoRun> => {
  const { registry, config, secrets, publicPem } = await demoWorld()
  try {
    mkdirSync(folder, { recursive: true })
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    const argv = ['run', '--config', file('embedded-cluster-config.yaml', config), '--secrets', file('secret.yaml', secrets)]
    argv.push('--key', file('cosign.pub', publicPem), '--platform', 'linux/amd64', '--platform', 'linux/arm64')
    const out: string[] = []
    const err: string[] = []
    const into = (texts: string[]): Output['write'] => {
      return (text, done) => {
        texts.push(text)
        done?.()
      }
    }
    const io: Io = {
      stdin: Readable.from([]),
      stdout: { write: into(out), isTTY: colour, columns: 100 },
      stderr: { write: into(err) },
      env: {},
      cwd: () => folder,
      on: (signal, listener) => process.on(signal, listener),
      off: (signal, listener) => process.off(signal, listener),
    }
    const exitCode = await main(argv, io)
    return { command: `velero-plugin-preflight ${argv.join(' ')}`, report: out.join(''), progress: err.join(''), exitCode, folder }
  } finally {
    await registry.close()
  }
}
