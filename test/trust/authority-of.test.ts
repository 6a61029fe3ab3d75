import { expect } from 'chai'
import type { KeyAuthority, KeylessAuthority, TrustRootRef } from '../../src/policy/image-policy.ts'
import { authorityOf, needsDefaultRoot } from '../../src/trust/authority-of.ts'
import type { TrustedRoots } from '../../src/trust/trusted-roots.ts'
import { trustedRootsOf } from '../../src/trust/trusted-roots.ts'
import { publicPem, refusal } from '../support/policies.ts'
import { newDeployment } from '../support/sigstore/deployment.ts'
import { identityOf } from '../support/sigstore/identity.ts'
import { rootWith } from '../support/sigstore/trust.ts'

const at = new Date('2026-11-27T00:00:00Z')
const ref = (name: string): TrustRootRef => ({ name, position: { file: 'policy.yaml', line: 1, column: 1 } })
const byName = Object.fromEntries(['public', 'own', 'log', 'time'].map(name => [name, { ...rootWith(newDeployment()), name }]))
const roots: TrustedRoots = { get: one => byName[one?.name ?? 'public']!, byDefault: byName.public }
const key: KeyAuthority = {
  kind: 'key',
  name: 'k',
  keys: [{ name: 'cosign.pub', pem: publicPem() }],
  hashAlgorithm: 'sha256',
  log: { required: false },
  attestations: [],
}
const keyless: KeylessAuthority = {
  kind: 'keyless',
  name: 'i',
  identities: [identityOf({ subject: 'a@b.example', issuer: 'https://c.example' })],
  insecureIgnoreSct: false,
  log: { required: true },
  attestations: [],
}

describe('authorityOf', () => {
  it('asks for no log and no timestamp of a key unless the policy does', () => {
    expect(authorityOf(key, roots, at)).to.deep.include({ kind: 'key', require: { log: false, timestamp: false } })
    expect(authorityOf(key, roots, at)).to.not.have.property('trustedRoot')
    expect(authorityOf({ ...key, log: { required: true } }, roots, at)).to.deep.include({
      require: { log: true, timestamp: false },
    })
  })

  it('takes a named hash alone, and any sound one where none is named', () => {
    const [any, only] = [key, { ...key, hashAlgorithm: 'sha512' } as const].map(one => authorityOf(one, roots, at))
    expect([any, only].map(one => one?.kind === 'key' && one.keys[0]?.hash)).to.deep.equal([undefined, 'sha512'])
  })

  const rootsOf: readonly [
    title: string,
    authority: KeyAuthority | KeylessAuthority,
    ca: string,
    logs: string,
    tsa: string,
    needs: boolean,
  ][] = [
    ['the default root for all of an identity', keyless, 'public', 'public', 'public', true],
    [
      'a named root for certificates, its logs where it says so',
      { ...keyless, trustRootRef: ref('own'), log: { required: true, trustRootRef: ref('own') } },
      'own',
      'own',
      'own',
      false,
    ],
    ['the public logs beside an own authority', { ...keyless, trustRootRef: ref('own') }, 'own', 'public', 'own', true],
    [
      'each of its own',
      {
        ...keyless,
        trustRootRef: ref('own'),
        log: { required: false, trustRootRef: ref('log') },
        timestamp: { trustRootRef: ref('time') },
      },
      'own',
      'log',
      'time',
      false,
    ],
    [
      'no default root where no log is asked for',
      { ...keyless, trustRootRef: ref('own'), log: { required: false } },
      'own',
      'own',
      'own',
      false,
    ],
    ['the logs of a key', { ...key, log: { required: true, trustRootRef: ref('log') } }, 'log', 'log', 'log', false],
    ['the timestamps of a key', { ...key, timestamp: { trustRootRef: ref('time') } }, 'time', 'time', 'time', false],
  ]
  for (const [title, authority, ca, logs, tsa, needs] of rootsOf) {
    it(`takes ${title}`, () => {
      const { trustedRoot } = authorityOf(authority, roots, at)
      expect(trustedRoot?.certificateAuthorities).to.equal(byName[ca]?.certificateAuthorities)
      expect(trustedRoot?.certificateLogs).to.equal(byName[ca]?.certificateLogs)
      expect(trustedRoot?.logs).to.equal(byName[logs]?.logs)
      expect(trustedRoot?.timestampAuthorities).to.equal(byName[tsa]?.timestampAuthorities)
      expect(needsDefaultRoot(authority)).to.equal(needs)
    })
  }

  it('judges certificates of an own authority without log and timestamp for the time that is asked for', () => {
    const own = { ...keyless, trustRootRef: ref('own') }
    expect(authorityOf({ ...own, log: { required: false } }, roots, at)).to.deep.include({ ownPki: { at } })
    for (const other of [own, keyless, { ...keyless, log: { required: false } }, { ...own, timestamp: { trustRootRef: ref('time') } }])
      expect(authorityOf(other, roots, at)).to.not.have.property('ownPki')
  })

  it('fails where a root is named or needed that nobody gave', () => {
    for (const authority of [keyless, { ...keyless, trustRootRef: ref('nowhere') }])
      expect(refusal(() => authorityOf(authority, trustedRootsOf({}), at)).code).to.equal('TRUSTED_ROOT_UNAVAILABLE')
  })
})
