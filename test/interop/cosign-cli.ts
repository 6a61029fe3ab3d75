import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Signer } from '../support/cosign.ts'

/** How a run of the real cosign ended. */
export interface Ended {
  readonly code: number
  /** Both streams. */
  readonly output: string
}

/** cosign's key pair on disk. */
export interface KeyPair {
  /** Paths. */
  readonly key: string
  readonly pub: string
  /** PEM. */
  readonly publicPem: string
}

/** The real cosign, in a folder of its own. */
export interface CosignCli {
  /** `generate-key-pair` */
  generate(): Promise<KeyPair>
  /** `import-key-pair` */
  import(signer: Signer): Promise<KeyPair>
  sign(pair: KeyPair, reference: string, flags?: readonly string[]): Promise<Ended>
  verify(pub: string, reference: string, flags?: readonly string[]): Promise<Ended>
  run(args: readonly string[]): Promise<Ended>
  /** A file with this text, for `verify`. */
  file(text: string): string
  remove(): void
}

export const cosignCli = (binary: string): CosignCli => {
  const folder = mkdtempSync(join(tmpdir(), 'cosign-'))
  let files = 0
  const run = (args: readonly string[]): Promise<Ended> =>
    new Promise(resolve => {
      // An own home: neither the machine's logins nor a cached trust root count. Keys have an empty password.
      const env = { PATH: process.env.PATH, HOME: folder, COSIGN_PASSWORD: '', DOCKER_CONFIG: folder }
      execFile(binary, args, { env, cwd: folder, timeout: 60_000 }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` })
      })
    })
  const must = async (args: readonly string[]): Promise<void> => {
    const { code, output } = await run(args)
    if (code !== 0) throw new Error(`cosign ${args.join(' ')}: ${output}`)
  }
  const file = (text: string): string => {
    const path = join(folder, `file${files++}`)
    writeFileSync(path, text)
    return path
  }
  const pairAt = (prefix: string): KeyPair => ({
    key: `${prefix}.key`,
    pub: `${prefix}.pub`,
    publicPem: readFileSync(`${prefix}.pub`, 'utf8'),
  })
  return {
    run,
    file,
    async generate() {
      const prefix = join(folder, `pair${files++}`)
      await must(['generate-key-pair', '--output-key-prefix', prefix])
      return pairAt(prefix)
    },
    async import({ privateKey }) {
      const prefix = join(folder, `pair${files++}`)
      await must(['import-key-pair', '-y', '-o', prefix, '--key', file(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())])
      return pairAt(prefix)
    },
    sign: ({ key }, reference, flags = []) =>
      run(['sign', '--key', key, '--tlog-upload=false', '--use-signing-config=false', '--allow-http-registry', '-y', ...flags, reference]),
    verify: (pub, reference, flags = []) =>
      run(['verify', '--key', pub, '--insecure-ignore-tlog', '--allow-http-registry', ...flags, reference]),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
