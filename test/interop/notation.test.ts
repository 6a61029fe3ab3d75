// peers: crane notation referrers-registry registry timestamp-server
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Issued, issue, issueAuthority, type KeyKind, pairOf, subjectOf } from '../support/certificate-authority.ts'
import { type PolicyOptions, policyText } from '../support/notation.ts'
import { closeAll } from '../support/registry-client.ts'
import { tinyImage, tinyIndex } from '../support/signed-image.ts'
import { startTsa } from './local-sigstore.ts'
import { type NotationCli, notationCli } from './notation-cli.ts'
import { fetchSignatures, notationOutcomes, verifyExit } from './our-verdict.ts'
import { type Ended, peer, succeed } from './peers.ts'
import { endAll } from './processes.ts'
import { type RealRegistry, startDistribution, startReferrersRegistry, writeLayout } from './registries.ts'

/** Certificates of an own PKI that are valid today, whenever that is. */
const validNow = { notBefore: '2020-01-01T00:00:00Z', notAfter: '2049-01-01T00:00:00Z' }
const root = issueAuthority(validNow)
const stranger = issueAuthority({ ...validNow, subject: subjectOf('stranger'), pair: pairOf('P-256', 'stranger') })
const chainOf = (kind: KeyKind): readonly Issued[] => [issue({ ...validNow, issuer: root, pair: pairOf(kind, 'leaf') }), root]

const kinds: readonly KeyKind[] = ['RSA 2048', 'RSA 3072', 'P-256', 'P-384', 'P-521']
const formats = ['jws', 'cose'] as const

for (const { registryName, startRegistry } of [
  { registryName: 'distribution 3, which has no referrers API', startRegistry: startDistribution },
  { registryName: 'a registry with the referrers API', startRegistry: startReferrersRegistry },
] as const) {
  describe(`images that notation signs, on ${registryName}`, () => {
    let registry: RealRegistry
    let crane: string
    let notation: NotationCli
    let tsa: string
    let tsaRoot: string
    let number = 0
    const must = async (ended: Promise<Ended>) => {
      const { code, stderr } = await ended
      expect(code, stderr).to.equal(0)
    }
    before(async function () {
      crane = await peer(this, 'crane')
      notation = await notationCli(await peer(this, 'notation'))
      registry = await startRegistry(this)
      for (const kind of kinds) notation.addKey(kind.replace(' ', '-'), chainOf(kind))
      notation.addTrust('ca', 'acme', root)
      notation.addTrust('ca', 'stranger', stranger)
      tsa = await startTsa(await peer(this, 'timestamp-server'))
      const chain = (await (await fetch(`${tsa}/certchain`)).text()).match(/-----BEGIN[^-]*-----[^-]*-----END[^-]*-----/g)!
      tsaRoot = join(notation.folder, 'tsa.pem')
      writeFileSync(tsaRoot, chain.at(-1)!)
      await must(notation.run(['cert', 'add', '--type', 'tsa', '--store', 'clock', tsaRoot]))
    })
    after(endAll)
    afterEach(closeAll)

    const pushed = async (image: Pick<ReturnType<typeof tinyImage>, 'digest' | 'pushed'> = tinyImage('plugin')) => {
      const repository = `${registry.host}/acme/notation-${number++}`
      await succeed(crane, ['push', writeLayout(image.pushed, 'x'), `${repository}:v1`])
      return { repository, exact: `${repository}@${image.digest}` }
    }
    /** What notation and we say under the policy. */
    const ask = async (exact: string, options: PolicyOptions): Promise<readonly [notation: boolean, ours: readonly string[]]> => {
      const policy = policyText(options)
      notation.setPolicy(policy)
      const { code } = await notation.verify(exact)
      const exit = await verifyExit(exact, ['--policy', join(notation.folder, 'trustpolicy.json'), '--trust-store', notation.folder])
      expect(exit).to.equal(code === 0 ? 0 : 3)
      const outcomes = await notationOutcomes(await fetchSignatures(exact), { policy, folder: notation.folder })
      return [code === 0, outcomes.map(({ verdict, steps }) => `${verdict}${failedStep(steps)}`)]
    }
    const failedStep = (steps: readonly { readonly check: string; readonly action: string; readonly result: string }[]): string => {
      const first = steps.find(({ action, result }) => action === 'enforced' && result !== 'ok')
      return first === undefined ? '' : ` at ${first.check}`
    }

    for (const format of formats) {
      for (const kind of kinds)
        it(`with ${kind} as ${format}: verified with its authority, and with no other or another identity`, async () => {
          const { exact } = await pushed()
          await must(notation.sign(exact, format, ['--key', kind.replace(' ', '-')]))
          expect(await ask(exact, {})).to.deep.equal([true, ['verified']])
          expect(await ask(exact, { trustStores: ['ca:stranger'] })).to.deep.equal([false, ['failed at authenticity']])
          const other = { trustedIdentities: ['x509.subject: C=US, ST=WA, O=somebody'] }
          expect(await ask(exact, other)).to.deep.equal([false, ['failed at authenticity']])
        })

      it(`with the key that notation makes for tests, as ${format}`, async () => {
        const { exact } = await pushed()
        // It writes the list of keys anew.
        await must(notation.run(['cert', 'generate-test', `made-${format}-${number}`]))
        await must(notation.sign(exact, format, ['--key', `made-${format}-${number}`]))
        const trusting = { trustStores: [`ca:made-${format}-${number}`], trustedIdentities: ['*'] }
        expect(await ask(exact, trusting)).to.deep.equal([true, ['verified']])
        expect(await ask(exact, { ...trusting, trustStores: ['ca:acme'] })).to.deep.equal([false, ['failed at authenticity']])
      })

      it(`an index as ${format}, which does not cover its platforms, nor they it`, async () => {
        const index = tinyIndex('plugin')
        const { repository, exact } = await pushed(index)
        const [amd64, arm64] = ['linux/amd64', 'linux/arm64'].map(platform => `${repository}@${index.child(platform).digest}`)
        await must(notation.sign(exact, format, ['--key', 'P-256']))
        expect(await ask(exact, {})).to.deep.equal([true, ['verified']])
        expect(await ask(amd64!, {})).to.deep.equal([false, []])
        await must(notation.sign(arm64!, format, ['--key', 'P-256']))
        expect(await ask(arm64!, {})).to.deep.equal([true, ['verified']])
        expect(await ask(amd64!, {})).to.deep.equal([false, []])
      })

      it(`twice as ${format}, of which one is trusted`, async () => {
        const { exact } = await pushed()
        await must(notation.sign(exact, format, ['--key', 'P-384']))
        await must(notation.sign(exact, format, ['--key', 'RSA-3072', '--expiry', '24h', '--user-metadata', 'build=7']))
        expect(await ask(exact, {})).to.deep.equal([true, ['verified', 'verified']])
      })

      it(`with a timestamp of a real authority, as ${format}`, async () => {
        const { exact } = await pushed()
        await must(notation.sign(exact, format, ['--key', 'P-256', '--timestamp-url', tsa, '--timestamp-root-cert', tsaRoot]))
        const trusting = { trustStores: ['ca:acme', 'tsa:clock'] }
        expect(await ask(exact, trusting)).to.deep.equal([true, ['verified']])
        const policy = policyText(trusting)
        const [outcome] = await notationOutcomes(await fetchSignatures(exact), { policy, folder: notation.folder })
        expect(outcome?.claim?.timestamp?.time).to.be.closeTo(Date.now(), 600_000)
      })
    }
  })
}
