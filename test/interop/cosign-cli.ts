import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Signer } from '../support/cosign.ts'
import { type Ended, run, succeed } from './peers.ts'
import { temporaryFolder } from './processes.ts'

/** cosign's key pair on disk. */
export interface KeyPair {
  /** Paths. */
  readonly key: string
  readonly pub: string
  /** PEM. */
  readonly publicPem: string
}

/** The real cosign, with a home of its own: neither the machine's logins nor a cached trust root count. */
export interface CosignCli {
  /** `generate-key-pair` */
  generate(): Promise<KeyPair>
  /** `import-key-pair` */
  import(signer: Signer): Promise<KeyPair>
  sign(pair: KeyPair, reference: string, flags?: readonly string[]): Promise<Ended>
  verify(pub: string, reference: string, flags?: readonly string[]): Promise<Ended>
  /** @param env over its own environment */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>
  /** A file with this text. */
  file(text: string): string
}

export const cosignCli = (program: string): CosignCli => {
  const folder = temporaryFolder('cosign')
  // Keys have an empty password.
  const options = { env: { HOME: folder, DOCKER_CONFIG: folder, COSIGN_PASSWORD: '' }, cwd: folder }
  let files = 0
  const path = () => join(folder, `file${files++}`)
  const file = (text: string): string => {
    const name = path()
    writeFileSync(name, text)
    return name
  }
  const pair = (prefix: string): KeyPair => ({
    key: `${prefix}.key`,
    pub: `${prefix}.pub`,
    publicPem: readFileSync(`${prefix}.pub`, 'utf8'),
  })
  return {
    file,
    run: (args, env = {}) => run(program, args, { ...options, env: { ...options.env, ...env } }),
    async generate() {
      const prefix = path()
      await succeed(program, ['generate-key-pair', '--output-key-prefix', prefix], options)
      return pair(prefix)
    },
    async import({ privateKey }) {
      const prefix = path()
      const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
      await succeed(program, ['import-key-pair', '-y', '-o', prefix, '--key', file(pem)], options)
      return pair(prefix)
    },
    sign: ({ key }, reference, flags = []) =>
      run(
        program,
        ['sign', '--key', key, '--tlog-upload=false', '--use-signing-config=false', '--allow-http-registry', '-y', ...flags, reference],
        options,
      ),
    verify: (pub, reference, flags = []) =>
      run(program, ['verify', '--key', pub, '--insecure-ignore-tlog', '--allow-http-registry', ...flags, reference], options),
  }
}
