import { expect } from 'chai'
import { attestation } from '../../src/analyzers/attestation.ts'
import { compileGlob, type ImageGlob } from '../../src/policy/glob.ts'
import type { Authority, SigstorePolicy } from '../../src/policy/image-policy.ts'
import { inTotoReferrer, sbomTag } from '../support/attached.ts'
import {
  type Attested,
  builder,
  codes,
  cyclonedxDocument,
  evidence,
  inBundle,
  inTag,
  type JudgeOptions,
  judgeBy,
  messages,
  provenance,
  spdxDocument,
  statement,
  types,
  vexDocument,
} from '../support/attestations.ts'
import { collectedOf, type Hung } from '../support/collected-signatures.ts'
import { bundleBytes, bundleReferrer, cosignBundle, newSigner } from '../support/cosign.ts'
import { refusal } from '../support/policies.ts'
import { tinyImage, tinyIndex } from '../support/signed-image.ts'
import { alice, issueSigner, newDeployment, trustedRootOf } from '../support/sigstore/deployment.ts'
import { identityOf } from '../support/sigstore/identity.ts'
import { signBundle } from '../support/sigstore/signatures.ts'
import { jsonBytes } from '../support/sigstore/trust.ts'

const signer = newSigner()
const stranger = newSigner()
const image = tinyImage('plugin')
const index = tinyIndex('plugin')
const both = ['linux/amd64', 'linux/arm64']
const spdx: Attested = { type: types.spdxjson, predicate: spdxDocument }
const slsa: Attested = { type: types.slsaprovenance1, predicate: provenance() }
const requiring = (...types: readonly string[]) => ({ attestations: { types } })
const on = (...artifacts: readonly Hung['artifact'][]): readonly Hung[] => artifacts.map(artifact => ({ on: image.digest, artifact }))
const judge = (hung: readonly Hung[], options: JudgeOptions) =>
  judgeBy(attestation, collectedOf(image, hung), { keys: [signer], ...options })

describe('attestation analyzer', () => {
  it('asks for nothing where nothing is required, whatever hangs on the image', () => {
    const judged = judge(on(inTag(image, stranger, spdx)), {})
    expect(codes(judged)).to.deep.equal(['pass ATTESTATION_NOT_REQUIRED'])
    expect(evidence(judged)).to.include(`an attestation ${types.spdxjson} by`).and.to.include('number 1')
  })

  for (const [storage, artifact] of [
    ['the .att tag', inTag(image, signer, spdx)],
    ['a bundle', inBundle(image, signer, spdx)],
  ] as const) {
    it(`takes what a trusted key attested in ${storage}`, () => {
      const judged = judge(on(artifact), requiring('spdxjson'))
      expect(codes(judged)).to.deep.equal(['pass ATTESTATION_VERIFIED'])
      expect(messages(judged)).to.match(/spdxjson \(https:\/\/spdx.dev\/Document\), by the key in cosign.pub .*SPDX 2.3 with 2 components/)
      expect(judged.values).to.deep.equal({ verified: true, required: 1, missing: 0, attestations: 1 })
    })
    it(`names the step where somebody else attested it in ${storage}`, () => {
      const judged = judge(on(artifact), { ...requiring('spdxjson'), keys: [stranger] })
      expect(codes(judged)).to.deep.equal(['fail ATTESTATION_SIGNER_MISMATCH'])
      expect(messages(judged)).to.match(/signature: expected one by the key in cosign.pub, found /)
    })
  }

  it('takes an attestation that is a referrer of its own kind', () => {
    const hung: Hung = { on: image.digest, artifact: inTotoReferrer(image, signer, types.custom), kind: 'inTotoReferrer' }
    expect(codes(judge([hung], requiring('custom')))).to.deep.equal(['pass ATTESTATION_VERIFIED'])
  })

  it('takes what a trusted identity attested, and no other identity', () => {
    const here = newDeployment()
    const artifact = bundleReferrer(image, bundleBytes(signBundle(here, issueSigner(here), statement(image, spdx)).bundle), spdx.type)
    const keyless = (subject: string): SigstorePolicy =>
      policyOf([], {
        kind: 'keyless',
        name: 'alice',
        identities: [identityOf({ subject, issuer: alice.issuer })],
        insecureIgnoreSct: false,
        log: { required: true },
        attestations: [],
      })
    const trustedRoot = { name: 'root.json', bytes: jsonBytes(trustedRootOf(here)) }
    const judged = (subject: string) => judge(on(artifact), { keys: [], trustedRoot, policies: [keyless(subject)], ...requiring('spdx') })
    expect(codes(judged(alice.email))).to.deep.equal(['pass ATTESTATION_VERIFIED'])
    expect(messages(judged(alice.email))).to.include(alice.email)
    expect(codes(judged('bob@example.com'))).to.deep.equal(['fail ATTESTATION_SIGNER_MISMATCH'])
    expect(messages(judged('bob@example.com'))).to.match(/identity: expected .*bob@example.com.*, found .*alice@example.com/)
  })

  it('says how to give trust where nobody is trusted', () => {
    for (const hung of [[], on(inTag(image, signer, spdx))]) {
      const judged = judge(hung, { ...requiring('spdxjson'), keys: [] })
      expect(codes(judged)).to.deep.equal(['fail ATTESTATION_UNTRUSTED'])
      expect(messages(judged)).to.include('--key FILE').and.to.include('--policy FILE')
    }
  })

  it('says which types there are where the required one is not', () => {
    const judged = judge(on(inTag(image, signer, { type: types.cyclonedx, predicate: cyclonedxDocument })), requiring('spdxjson'))
    expect(codes(judged)).to.deep.equal(['fail ATTESTATION_MISSING'])
    expect(messages(judged)).to.include('It has https://cyclonedx.org/bom.')
    expect(messages(judge([], requiring('spdxjson')))).to.include('It has no attestation at all.')
  })

  it('says of each type that is required what it found, the fails first', () => {
    const judged = judge(on(inTag(image, signer, spdx)), requiring('spdxjson', 'vuln'))
    expect(codes(judged)).to.deep.equal(['fail ATTESTATION_MISSING', 'pass ATTESTATION_VERIFIED'])
    expect(judged.values).to.include({ verified: false, required: 2, missing: 1 })
  })

  it('says in one sentence that all are there', () => {
    const judged = judge(on(inTag(image, signer, spdx, { type: types.custom })), requiring('spdxjson', 'custom'))
    expect(codes(judged)).to.deep.equal(['pass ATTESTATION_VERIFIED'])
    expect(messages(judged)).to.include('spdxjson').and.to.include('custom')
    expect(messages(judged).match(/velero-postgresql:/g)).to.have.length(1)
  })

  it('takes a type with a version for one without, and no other version for one that has it', () => {
    const versioned = on(inTag(image, signer, { ...spdx, type: `${types.spdxjson}/v2.3` }))
    expect(codes(judge(versioned, requiring('spdxjson')))).to.deep.equal(['pass ATTESTATION_VERIFIED'])
    expect(codes(judge(on(inTag(image, signer, slsa)), requiring('slsaprovenance')))).to.deep.equal(['fail ATTESTATION_MISSING'])
  })

  it('takes none that is about another image', () => {
    const other = tinyImage('other').digest
    for (const artifact of [inTag(image, signer, { ...spdx, about: other }), inBundle(image, signer, { ...spdx, about: other })]) {
      const judged = judge(on(artifact), requiring('spdxjson'))
      expect(codes(judged)).to.deep.equal(['fail ATTESTATION_SUBJECT_MISMATCH'])
      expect(messages(judged)).to.match(/image digest: expected sha256:[0-9a-f]+, found /)
    }
  })

  it('takes no referrer that names another image as its subject', () => {
    const other = tinyImage('other')
    const judged = judge(on(inBundle(other, signer, { ...spdx, about: image.digest })), requiring('spdxjson'))
    expect(codes(judged)).to.deep.equal(['fail ATTESTATION_SUBJECT_MISMATCH'])
  })

  it('takes neither a signature nor an SBOM that nobody signed for an attestation', () => {
    const hung: readonly Hung[] = [
      { on: image.digest, artifact: cosignBundle(image, signer) },
      { on: image.digest, artifact: sbomTag(image), kind: 'sbomAttachment' },
    ]
    const judged = judge(hung, requiring('spdxjson'))
    expect(codes(judged)).to.deep.equal(['fail ATTESTATION_MISSING'])
    expect(evidence(judged)).to.include('an SBOM that nobody signed').and.to.include('a signature by the key in cosign.pub')
  })

  it('says that an altered attestation is altered, and not that it is bad', () => {
    const artifact = inTag(image, signer, spdx)
    const collected = collectedOf(image, on(artifact))
    const { content } = collected.facts[0].signatures[0]!
    if (content?.ok !== true) throw new Error('no content')
    collected.blobs.set(content.blob, Buffer.from('redacted'))
    expect(codes(judgeBy(attestation, collected, { keys: [signer], ...requiring('spdxjson') }))).to.deep.equal(['fail FACT_ALTERED'])
  })

  it('says that one which cannot be read may be the required one', () => {
    const artifact = bundleReferrer(image, Buffer.from('{}'), types.spdxjson)
    const judged = judge(on(artifact), requiring('spdxjson'))
    expect(codes(judged)).to.deep.equal(['fail ATTESTATION_INVALID'])
    expect(messages(judged)).to.include('perhaps spdxjson').and.to.include('format: expected a sigstore bundle')
  })

  it('says that a changed payload does not verify', () => {
    const bundle = JSON.parse(JSON.stringify(signed(spdx)))
    bundle.dsseEnvelope.payload = Buffer.from(JSON.stringify(statement(image, { ...spdx, predicate: {} }))).toString('base64')
    const judged = judge(on(bundleReferrer(image, bundleBytes(bundle), spdx.type)), requiring('spdxjson'))
    expect(codes(judged)).to.deep.equal(['fail ATTESTATION_INVALID'])
    expect(messages(judged)).to.match(
      /signature: expected one by the key in cosign.pub, as it says, found one that this key does not verify/,
    )
  })

  it('believes no facts of another image than the reference pins', () => {
    const collected = collectedOf(image, [])
    const [fact] = collected.facts
    const pinned = { ...fact, image: `registry.example.com/acme/plugin@${index.digest}` }
    const judged = () => judgeBy(attestation, { ...collected, facts: [pinned] }, { keys: [signer], ...requiring('vuln') })
    expect(refusal(judged).code).to.equal('FACT_ALTERED')
  })

  describe('of an index', () => {
    const [amd64, arm64] = [index.child('linux/amd64'), index.child('linux/arm64')]
    const judgeIndex = (hung: readonly Hung[], platforms: readonly string[] = both) =>
      judgeBy(attestation, collectedOf(index, hung), { keys: [signer], platforms, ...requiring('spdxjson') })

    it('takes one on the index for all images in it', () => {
      for (const artifact of [inTag(index, signer, spdx), inBundle(index, signer, spdx)])
        expect(codes(judgeIndex([{ on: index.digest, artifact }]))).to.deep.equal(['pass ATTESTATION_VERIFIED'])
    })
    it('takes one on each image, in whatever storage', () => {
      const hung = [
        { on: amd64.digest, artifact: inTag(amd64, signer, spdx) },
        { on: arm64.digest, artifact: inBundle(arm64, signer, spdx) },
      ]
      expect(codes(judgeIndex(hung))).to.deep.equal(['pass ATTESTATION_VERIFIED'])
      expect(messages(judgeIndex(hung))).to.match(/linux\/amd64 by .* and linux\/arm64 by /)
    })
    it('wants one on each image that is needed, and says which have none', () => {
      const hung = [{ on: amd64.digest, artifact: inTag(amd64, signer, spdx) }]
      expect(codes(judgeIndex(hung))).to.deep.equal(['fail ATTESTATION_PARTIAL'])
      expect(messages(judgeIndex(hung))).to.match(/for linux\/amd64 \(sha256:\w+…\) only, not for linux\/arm64/)
      expect(codes(judgeIndex(hung, ['linux/amd64']))).to.deep.equal(['pass ATTESTATION_VERIFIED'])
    })
    it('says that a platform was not looked at when the facts were collected', () => {
      const judged = judgeIndex([], ['linux/s390x'])
      expect(codes(judged)).to.deep.equal(['fail ATTESTATION_UNREACHABLE'])
      expect(messages(judged)).to.include('linux/s390x: it was not looked for')
    })
  })

  describe('where not everything could be looked at', () => {
    const error = { state: 'error', code: 'REGISTRY_FAILED', message: 'It answered 500.' } as const
    const withErrorAt = (kind: string, hung: readonly Hung[] = []) => {
      const collected = collectedOf(image, hung)
      const [fact] = collected.facts
      const places = fact.places.map(place =>
        place.kind === kind ? { kind: place.kind, subject: place.subject, at: place.at, ...error } : place,
      )
      return judgeBy(attestation, { ...collected, facts: [{ ...fact, places }] }, { keys: [signer], ...requiring('spdxjson') })
    }
    for (const kind of ['attTag', 'referrersApi', 'referrersTag']) {
      it(`is no absence: ${kind}`, () => {
        expect(codes(withErrorAt(kind))).to.deep.equal(['fail ATTESTATION_UNREACHABLE'])
        expect(messages(withErrorAt(kind))).to.include('It answered 500.')
      })
    }
    it('needs no look at the tag of signatures', () => {
      expect(codes(withErrorAt('sigTag'))).to.deep.equal(['fail ATTESTATION_MISSING'])
    })
    it('is no matter once it was found', () => {
      expect(codes(withErrorAt('referrersApi', on(inTag(image, signer, spdx))))).to.deep.equal(['pass ATTESTATION_VERIFIED'])
    })
    it('is the case of facts of version 1, which have no such place', () => {
      const collected = collectedOf(image, [])
      const [fact] = collected.facts
      const old = { ...fact, places: fact.places.filter(({ kind }) => kind !== 'attTag') }
      expect(codes(judgeBy(attestation, { ...collected, facts: [old] }, { keys: [signer], ...requiring('vuln') }))).to.deep.equal([
        'fail ATTESTATION_UNREACHABLE',
      ])
    })
    it('is the case of an image that could not be opened', () => {
      const { plugin, image: name } = collectedOf(image, []).facts[0]
      const failed = { plugin, image: name, ok: false as const, code: 'REGISTRY_TIMEOUT' as const, message: 'No answer.' }
      const judged = judgeBy(attestation, { facts: [failed], blobs: new Map() }, { keys: [signer], ...requiring('vuln') })
      expect(codes(judged)).to.deep.equal(['fail ATTESTATION_UNREACHABLE'])
    })
  })

  describe('looks at what is attested:', () => {
    const expecting = (expected: object, ...all: readonly Attested[]) =>
      judge(on(inTag(image, signer, ...all)), { attestations: { types: [], provenance: expected } })

    it('a provenance by the builder and of the source that are expected', () => {
      const judged = expecting({ builderId: builder, sourceRepository: 'https://github.com/acme/plugin' }, slsa)
      expect(codes(judged)).to.deep.equal(['pass ATTESTATION_VERIFIED'])
      expect(messages(judged)).to.include(`built by ${builder}@refs/tags/v1 from https://github.com/acme/plugin at refs/tags/v1.0.0`)
    })
    for (const [what, expected, words] of [
      [
        'another builder',
        { builderId: 'https://github.com/evil/builder' },
        `builder: expected https://github.com/evil/builder, found ${builder}`,
      ],
      [
        'another version of the builder',
        { builderId: `${builder}@refs/tags/v2` },
        `expected ${builder}@refs/tags/v2, found ${builder}@refs/tags/v1`,
      ],
      [
        'another source',
        { sourceRepository: 'https://github.com/acme/other' },
        'source repository: expected https://github.com/acme/other, found https://github.com/acme/plugin',
      ],
    ] as const) {
      it(`a provenance that names ${what} does not count`, () => {
        const judged = expecting(expected, slsa)
        expect(codes(judged)).to.deep.equal(['fail ATTESTATION_PROVENANCE_MISMATCH'])
        expect(messages(judged)).to.include(words)
      })
    }
    it('any one provenance that fits suffices', () => {
      const other = { ...slsa, predicate: provenance('https://github.com/acme/other') }
      expect(codes(expecting({ sourceRepository: 'https://github.com/acme/plugin' }, other, slsa))).to.deep.equal([
        'pass ATTESTATION_VERIFIED',
      ])
    })
    it('who expects a builder wants a provenance', () => {
      expect(codes(expecting({ builderId: builder }, spdx))).to.deep.equal(['fail ATTESTATION_MISSING'])
    })
    it('one that somebody else signed is not believed, whatever it says', () => {
      const judged = judge(on(inTag(image, stranger, slsa)), { attestations: { types: [], provenance: { builderId: builder } } })
      expect(codes(judged)).to.deep.equal(['fail ATTESTATION_SIGNER_MISMATCH'])
    })
    for (const [title, attested, type] of [
      ['an SBOM that is none', { type: types.spdxjson, predicate: { a: 1 } }, 'spdxjson'],
      ['CycloneDX by the type of SPDX', { type: types.spdxjson, predicate: cyclonedxDocument }, 'spdxjson'],
      ['SPDX by the type of CycloneDX', { type: types.cyclonedx, predicate: spdxDocument }, 'cyclonedx'],
      ['a provenance that names no builder', { type: types.slsaprovenance1, predicate: {} }, 'slsaprovenance1'],
      ['VEX that is none', { type: types.openvex, predicate: {} }, 'openvex'],
    ] as const) {
      it(`${title} does not count`, () => {
        expect(codes(judge(on(inTag(image, signer, attested)), requiring(type)))).to.deep.equal(['fail ATTESTATION_CONTENT_INVALID'])
      })
    }
    for (const [type, predicate] of [
      ['cyclonedx', cyclonedxDocument],
      ['openvex', vexDocument()],
      ['custom', { Data: 'x' }],
      ['vuln', { scanner: { uri: 'https://scanner.example', result: { of: 'its own' } } }],
      ['https://example.com/review/v1', 'a text'],
    ] as const) {
      it(`${type} counts`, () => {
        const attested = { type: (types as Readonly<Record<string, string>>)[type] ?? type, predicate }
        expect(codes(judge(on(inTag(image, signer, attested)), requiring(type)))).to.deep.equal(['pass ATTESTATION_VERIFIED'])
      })
    }
  })

  describe('of policies', () => {
    const key = (predicateTypes: readonly string[], by = signer): Authority => ({
      kind: 'key',
      name: 'key',
      keys: [{ name: 'policy.pub', pem: by.publicPem }],
      hashAlgorithm: 'sha256',
      log: { required: false },
      attestations: predicateTypes.map(predicateType => ({ name: predicateType, predicateType })),
    })
    const by = (policy: SigstorePolicy, ...attested: readonly Attested[]) =>
      judge(on(inTag(image, signer, ...attested)), { keys: [], policies: [policy] })

    it('wants what each asks for', () => {
      expect(codes(by(policyOf([], key(['spdxjson'])), spdx))).to.deep.equal(['pass ATTESTATION_VERIFIED'])
      const without = by(policyOf([], key(['spdxjson', 'vuln'])), spdx)
      expect(codes(without)).to.deep.equal(['fail ATTESTATION_POLICY_UNMET'])
      expect(messages(without)).to.include('the policy "p" (p.yaml:1:1)').and.to.include('no attestation vuln')
    })
    it('takes an attestation by any one of several who are trusted, whoever is named first', () => {
      for (const authorities of [
        [key([], stranger), key([])],
        [key([]), key([], stranger)],
      ])
        expect(
          codes(judge(on(inTag(image, signer, spdx)), { keys: [], policies: [policyOf([], ...authorities)], ...requiring('spdx') })),
        ).to.deep.equal(['pass ATTESTATION_VERIFIED'])
    })
    it('tells of the authority that a bad attestation concerns', () => {
      const bundle = JSON.parse(JSON.stringify(signed(spdx)))
      bundle.dsseEnvelope.payload = Buffer.from(JSON.stringify(statement(image, { ...spdx, predicate: {} }))).toString('base64')
      const hung = on(bundleReferrer(image, bundleBytes(bundle), spdx.type))
      for (const authorities of [
        [key([], stranger), key([])],
        [key([]), key([], stranger)],
      ])
        expect(codes(judge(hung, { keys: [], policies: [policyOf([], ...authorities)], ...requiring('spdx') }))).to.deep.equal([
          'fail ATTESTATION_INVALID',
        ])
    })
    it('wants it of a tag that points at a digest of which the policy speaks', () => {
      for (const [digest, code] of [
        [image.digest, 'fail ATTESTATION_POLICY_UNMET'],
        [index.digest, 'pass ATTESTATION_NOT_REQUIRED'],
      ] as const)
        expect(codes(by(policyOf([`**@${digest}`], key(['vuln'])), spdx))).to.deep.equal([code])
    })
    it('only warns where the policy does', () => {
      expect(codes(by({ ...policyOf([], key(['vuln'])), mode: 'warn' }))).to.deep.equal(['warn ATTESTATION_POLICY_UNMET'])
    })
    it('wants nothing by one that speaks of other images, or asks for signatures alone', () => {
      for (const policy of [policyOf(['ghcr.io/other/**'], key(['vuln'])), policyOf([], key([]))])
        expect(codes(by(policy))).to.deep.equal(['pass ATTESTATION_NOT_REQUIRED'])
    })
    it('takes whom a policy trusts for what a flag requires, where the policy speaks of the image', () => {
      const flags = requiring('spdxjson')
      const judged = (policy: SigstorePolicy) => judge(on(inTag(image, signer, spdx)), { keys: [], policies: [policy], ...flags })
      expect(codes(judged(policyOf([], key([]))))).to.deep.equal(['pass ATTESTATION_VERIFIED'])
      expect(codes(judged(policyOf(['ghcr.io/other/**'], key([]))))).to.deep.equal(['fail ATTESTATION_UNTRUSTED'])
      expect(codes(judged(policyOf([], key([], stranger))))).to.deep.equal(['fail ATTESTATION_SIGNER_MISMATCH'])
    })
    it('wants it on the index or on each image that is needed', () => {
      const amd64 = index.child('linux/amd64')
      const hung = [{ on: amd64.digest, artifact: inTag(amd64, signer, spdx) }]
      const judged = (platforms: readonly string[]) =>
        judgeBy(attestation, collectedOf(index, hung), { platforms, policies: [policyOf([], key(['spdxjson']))] })
      expect(codes(judged(['linux/amd64']))).to.deep.equal(['pass ATTESTATION_VERIFIED'])
      expect(codes(judged(both))).to.deep.equal(['fail ATTESTATION_POLICY_UNMET'])
      expect(messages(judged(both))).to.include('It is there for linux/amd64 only')
    })
  })
})

const signed = (attested: Attested) => {
  const artifact = inBundle(image, signer, attested)
  return [...artifact.blobs.values()].map(bytes => JSON.parse(Buffer.from(bytes).toString())).find(json => 'dsseEnvelope' in json)
}

const policyOf = (globs: readonly string[], ...authorities: readonly Authority[]): SigstorePolicy => ({
  kind: 'sigstore',
  name: 'p',
  from: 'p.yaml:1:1',
  images: (globs.length === 0 ? ['**'] : globs).map(glob => compileGlob(glob) as ImageGlob),
  authorities,
  mode: 'enforce',
})
