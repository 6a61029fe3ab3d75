import { createPublicKey, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Context } from 'mocha'
import { authority, issue, newKey } from '../support/sigstore/certificates.ts'
import { pem } from '../support/sigstore/der.ts'
import type { CosignCli } from './cosign-cli.ts'
import { startOidcIssuer } from './oidc-issuer.ts'
import { type OldLogs, startOldLogs } from './old-logs.ts'
import { peer } from './peers.ts'
import { start, temporaryFolder } from './processes.ts'

/** A whole Sigstore on this machine: Fulcio, Rekor 2 and a timestamp authority as they are, an issuer and old logs as stand-ins. */
export interface LocalSigstore {
  /** The OpenID Connect issuer, as certificates name it. */
  readonly issuer: string
  token(email: string): string
  readonly fulcioUrl: string
  /** Rekor 1, the stand-in. */
  readonly oldRekorUrl: string
  readonly tsaUrl: string
  /** Paths of what `cosign trusted-root create` and `cosign signing-config create` wrote. */
  readonly trustedRoot: string
  readonly signingConfig: string
  /** PEM files, for programs that know no trusted root. */
  readonly files: { readonly fulcioRoot: string; readonly ctKey: string; readonly oldRekorKey: string; readonly tsaChain: string }
  /** Ends what is no process; the processes end with `endAll`. */
  close(): Promise<void>
}

const sometime = '2020-01-01T00:00:00Z'

export const startLocalSigstore = async (test: Context, cosign: CosignCli): Promise<LocalSigstore> => {
  const programs = [await peer(test, 'fulcio'), await peer(test, 'rekor-server'), await peer(test, 'timestamp-server')] as const
  const folder = temporaryFolder('sigstore')
  const file = (name: string, content: string): string => {
    const path = join(folder, name)
    writeFileSync(path, content, { mode: 0o600 })
    return path
  }
  const issuer = await startOidcIssuer()
  const logs = await startOldLogs()
  const ports = await freePorts(6)
  const root = issue({ name: 'fulcio', extensions: authority(1) })
  const rekorKey = newKey('Ed25519')
  const files = {
    fulcioRoot: file('fulcio.crt', pem(root.der)),
    ctKey: file('ct.pub', publicPem(logs.ct.key)),
    oldRekorKey: file('rekor1.pub', publicPem(logs.rekor.key)),
    rekorKey: file('rekor2.pub', publicPem(rekorKey)),
  }
  const [fulcio, rekor, tsa] = await Promise.all([
    startFulcio(programs[0], {
      file,
      ports: ports.slice(0, 3),
      issuer: issuer.url,
      logs,
      key: root.key,
      certificate: files.fulcioRoot,
      folder,
    }),
    startRekor(programs[1], { ports: ports.slice(3, 6), folder, key: file('rekor2.key', privatePem(rekorKey)) }),
    startTsa(programs[2]),
  ])
  const tsaChain = file('tsa.crt', await textAt(`${tsa}/certchain`))
  const trustedRoot = file('trusted_root.json', '')
  const signingConfig = file('signing_config.json', '')
  await must(cosign, [
    ...['trusted-root', 'create', `--out=${trustedRoot}`],
    `--fulcio=url=${fulcio},certificate-chain=${files.fulcioRoot}`,
    `--ctfe=url=${logs.ctUrl},public-key=${files.ctKey},start-time=${sometime}`,
    `--rekor=url=${logs.rekorUrl},public-key=${files.oldRekorKey},start-time=${sometime}`,
    `--rekor=url=${rekor},public-key=${files.rekorKey},start-time=${sometime},origin=127.0.0.1`,
    `--tsa=url=${tsa},certificate-chain=${tsaChain}`,
  ])
  const service = (kind: string, url: string, version: number) =>
    `--${kind}=url=${url},api-version=${version},start-time=${sometime},operator=interop`
  await must(cosign, [
    ...['signing-config', 'create', `--out=${signingConfig}`, '--rekor-config=ANY', '--tsa-config=ANY'],
    ...[service('fulcio', fulcio, 1), service('rekor', rekor, 2), service('oidc-provider', issuer.url, 1), service('tsa', tsa, 1)],
  ])
  return {
    issuer: issuer.url,
    token: issuer.token,
    fulcioUrl: fulcio,
    oldRekorUrl: logs.rekorUrl,
    tsaUrl: tsa,
    trustedRoot,
    signingConfig,
    files: { ...files, tsaChain },
    close: async () => void (await Promise.all([issuer.close(), logs.close()])),
  }
}

const must = async (cosign: CosignCli, args: readonly string[]): Promise<void> => {
  const { code, stderr } = await cosign.run(args)
  if (code !== 0) throw new Error(`cosign ${args.slice(0, 2).join(' ')} ended with ${code}: ${stderr}`)
}

const publicPem = (key: KeyObject): string => createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
const privatePem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

interface FulcioOptions {
  readonly file: (name: string, content: string) => string
  readonly ports: readonly number[]
  readonly issuer: string
  readonly logs: OldLogs
  readonly key: KeyObject
  readonly certificate: string
  readonly folder: string
}

const startFulcio = async (program: string, { file, ports, issuer, logs, key, certificate, folder }: FulcioOptions): Promise<string> => {
  const [port, grpcPort, metricsPort] = ports
  const passphrase = 'interop'
  const encrypted = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString()
  // Not as JSON, for which Fulcio has another form.
  const config = file('fulcio.yaml', `oidc-issuers:\n  ${issuer}:\n    issuer-url: ${issuer}\n    client-id: sigstore\n    type: email\n`)
  const args = [
    ...['serve', '--ca=fileca', `--fileca-cert=${certificate}`, `--fileca-key=${file('fulcio.key', encrypted)}`],
    ...[`--fileca-key-passwd=${passphrase}`, '--fileca-watch=false', `--ct-log-url=${logs.ctUrl}`, `--config-path=${config}`],
    ...['--host=127.0.0.1', `--port=${port}`, '--grpc-host=127.0.0.1', `--grpc-port=${grpcPort}`, `--metrics-port=${metricsPort}`],
    `--legacy-unix-domain-socket=${join(folder, 'fulcio.sock')}`,
  ]
  await start(program, args, /listening on http/)
  const url = `http://127.0.0.1:${port}`
  await answering(`${url}/healthz`)
  return url
}

const startRekor = async (
  program: string,
  {
    ports: [port, grpcPort, metricsPort],
    folder,
    key,
  }: { readonly ports: readonly number[]; readonly folder: string; readonly key: string },
): Promise<string> => {
  const args = [
    ...['serve', `--storage-dir=${join(folder, 'rekor')}`, `--signer-filepath=${key}`, '--hostname=127.0.0.1'],
    ...[`--http-port=${port}`, `--grpc-port=${grpcPort}`, `--http-metrics-port=${metricsPort}`],
    // So that signing waits no longer than it must.
    ...['--checkpoint-interval=1s', '--batch-max-age=100ms'],
  ]
  await start(program, args, /starting HTTP proxy/i)
  const url = `http://127.0.0.1:${port}`
  await answering(`${url}/healthz`)
  return url
}

/** The address where it stamps; one at a time, for its metrics have a port of their own. It ends with `endAll`. */
export const startTsa = async (program: string): Promise<string> => {
  const [port] = await freePorts(1)
  const args = [
    ...['serve', '--timestamp-signer=memory', '--disable-ntp-monitoring', '--host=127.0.0.1', `--port=${port}`],
    // notation needs the intermediate in the token.
    '--include-chain-in-response',
  ]
  await start(program, args, /./)
  const url = `http://127.0.0.1:${port}/api/v1/timestamp`
  await answering(`${url}/certchain`)
  return url
}

/** Waits until the server answers with success. */
const answering = async (url: string): Promise<void> => {
  const deadline = Date.now() + 30_000
  for (;;) {
    const answer = await fetch(url).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.ok === true) return
    if (Date.now() > deadline) throw new Error(`${url} does not answer${answer === undefined ? '' : `: ${answer.status}`}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

const textAt = async (url: string): Promise<string> => (await fetch(url)).text()

/** All of them free at the same moment, so that they are different ones. */
const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map(server => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}
