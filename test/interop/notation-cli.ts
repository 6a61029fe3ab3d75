import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StoreType } from '../../src/policy/notation/trust-store.ts'
import type { Issued } from '../support/certificate-authority.ts'
import { pem } from '../support/sigstore/der.ts'
import { type Ended, run, succeed } from './peers.ts'
import { temporaryFolder } from './processes.ts'

/** The real notation, with a configuration of its own: a signing key and certificate that it made for tests. */
export interface NotationCli {
  /** Its configuration: where trust stores are. */
  readonly folder: string
  sign(reference: string, format: 'jws' | 'cose', flags?: readonly string[]): Promise<Ended>
  run(args: readonly string[]): Promise<Ended>
  verify(reference: string, flags?: readonly string[]): Promise<Ended>
  /** A key for `sign --key NAME`, with its chain, leaf first. */
  addKey(name: string, chain: readonly Issued[]): void
  addTrust(type: StoreType, name: string, ...certificates: readonly Issued[]): void
  /** trustpolicy.json */
  setPolicy(text: string): void
}

/** @param testKey whether it makes a key for tests, which takes a while */
export const notationCli = async (program: string, { testKey = true } = {}): Promise<NotationCli> => {
  const home = temporaryFolder('notation')
  const folder = join(home, 'notation')
  mkdirSync(folder, { recursive: true })
  const options = { env: { HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, DOCKER_CONFIG: home }, cwd: home }
  if (testKey) await succeed(program, ['cert', 'generate-test', '--default', 'interop'], options)
  const keys: object[] = []
  const file = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, name)
    writeFileSync(path, content, { mode: 0o600 })
    return path
  }
  return {
    folder,
    run: args => run(program, args, options),
    sign: (reference, format, flags = []) =>
      run(program, ['sign', '--insecure-registry', '--signature-format', format, ...flags, reference], options),
    verify: (reference, flags = []) => run(program, ['verify', '--insecure-registry', ...flags, reference], options),
    addKey(name, chain) {
      const keyPath = file(`${name}.key`, chain[0]!.pair.privateKey.export({ type: 'pkcs8', format: 'pem' }))
      keys.push({ name, keyPath, certPath: file(`${name}.crt`, chain.map(({ der }) => pem(der)).join('')) })
      file('signingkeys.json', JSON.stringify({ keys }))
    },
    addTrust(type, name, ...certificates) {
      const store = join(folder, 'truststore', 'x509', type, name)
      mkdirSync(store, { recursive: true })
      for (const [index, { der }] of certificates.entries()) writeFileSync(join(store, `${index}.crt`), der)
    },
    setPolicy: text => void file('trustpolicy.json', text),
  }
}
