import { expect } from 'chai'
import { signature } from '../../src/analyzers/signature.ts'
import { sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import type { FoundSignature, SignatureFact, SignaturePlace } from '../../src/facts/signature.ts'
import { attestationTag, inTotoReferrer, notationReferrer, sbomTag } from '../support/attached.ts'
import {
  type Artifact,
  bundleBytes,
  bundleOf,
  bundleReferrer,
  cosignBundle,
  cosignReferrer,
  cosignTag,
  layerOf,
  newSigner,
  payloadOf,
  type Signer,
  signatureTagOf,
  statementOf,
} from '../support/cosign.ts'
import { type Collected, findingOf, type JudgeOptions, judgeSignatures, pluginName } from '../support/signature-check.ts'
import { tinyImage, tinyIndex } from '../support/signed-image.ts'

const repository = 'registry.example.com/acme/plugin'
const reference = `${repository}:v1`
const image = tinyImage('plugin')
const other = tinyImage('other')
const index = tinyIndex('plugin')
const amd64 = index.child('linux/amd64')
const arm64 = index.child('linux/arm64')
const signer = newSigner()
const stranger = newSigner()
const both = ['linux/amd64', 'linux/arm64']

type Found = Extract<SignatureFact, { ok: true }>
interface Hung {
  readonly on: string
  readonly artifact: Artifact
  readonly kind?: FoundSignature['kind']
  readonly found?: Partial<FoundSignature>
}

/** What the collector makes of an image on which these things hang. */
const collected = (root: { digest: string; bytes: Uint8Array }, hung: readonly Hung[], change: Partial<Found> = {}): Collected => {
  const blobs = new Map([[root.digest, root.bytes]])
  const isIndex = root.digest === index.digest
  const platforms = isIndex ? both.map(platform => ({ platform, ok: true as const, digest: index.child(platform).digest })) : []
  const signatures = hung.flatMap(({ on, artifact, kind, found }): FoundSignature[] => {
    blobs.set(artifact.manifest.digest, artifact.manifest.bytes)
    for (const blob of artifact.blobs.values()) blobs.set(sha256(blob), blob)
    const { layers } = JSON.parse(Buffer.from(artifact.manifest.bytes).toString()) as { layers: { digest: string; mediaType: string }[] }
    return layers.map(({ digest, mediaType }, layer) => ({
      kind: kind ?? (artifact.tag === undefined ? 'sigstoreBundle' : 'cosign'),
      subject: on,
      places: [artifact.tag === undefined ? 'referrersApi' : 'sigTag'],
      manifest: artifact.manifest.digest,
      layer,
      mediaType,
      content: { ok: true, blob: digest },
      ...found,
    }))
  })
  const subjects = [root.digest, ...platforms.map(({ digest }) => digest)]
  const places = subjects.flatMap((subject): SignaturePlace[] =>
    (['sigTag', 'referrersApi', 'referrersTag'] as const).map(kind => {
      const there = signatures.some(one => one.subject === subject && one.places.includes(kind))
      const at = `${repository}:${subject.replace(':', '-')}`
      return there ? { kind, subject, at, state: 'found', unread: 0 } : { kind, subject, at, state: 'absent' }
    }),
  )
  const fact: SignatureFact = {
    plugin: pluginName,
    image: reference,
    ok: true,
    repository,
    digest: root.digest,
    root: isIndex ? 'index' : 'manifest',
    platforms,
    places,
    signatures,
    ...change,
  }
  return { facts: [fact], blobs }
}
const tag = (on: { digest: string }, ...signers: readonly Signer[]): Hung => ({
  on: on.digest,
  artifact: cosignTag(on, repository, ...signers),
})
const bundle = (on: Parameters<typeof cosignBundle>[0], by: Signer): Hung => ({ on: on.digest, artifact: cosignBundle(on, by) })
const judge = (given: Collected, options: JudgeOptions = {}) => findingOf(judgeSignatures(given, options))
const trusting = { keys: [signer] }
const error: Partial<SignaturePlace> = { state: 'error', code: 'REGISTRY_RATE_LIMITED', message: 'Too many requests.', hint: 'Wait.' }
const failing = (root: { digest: string; bytes: Uint8Array }, hung: readonly Hung[]) => {
  const { facts, blobs } = collected(root, hung)
  const [fact] = facts as [Found]
  return {
    facts: [{ ...fact, places: fact.places.map((place, i) => (i === 2 ? ({ ...place, ...error } as SignaturePlace) : place)) }],
    blobs,
  }
}

describe('signature analyzer', () => {
  describe('with a trusted key', () => {
    const passing: readonly [title: string, hung: readonly Hung[]][] = [
      ["a signature in cosign's tag", [tag(image, signer)]],
      ['a bundle', [bundle(image, signer)]],
      [
        "a tag's manifest that hangs on the image",
        [{ on: image.digest, artifact: cosignReferrer(image, repository, signer), kind: 'cosignReferrer' }],
      ],
      [
        "a signature in cosign's tag with Docker's media types",
        [
          {
            on: image.digest,
            artifact: signatureTagOf(image.digest, [layerOf(signer, payloadOf(image.digest, repository))], {
              mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
            }),
          },
        ],
      ],
      ['one of several in a tag', [tag(image, stranger, signer)]],
      ['one of several in several places', [tag(image, stranger), bundle(image, stranger), bundle(image, signer)]],
      [
        'one beside signatures of other images and what is broken',
        [tag(other, signer), { on: image.digest, artifact: bundleReferrer(image, Buffer.from('{}')) }, tag(image, signer)],
      ],
    ]
    for (const [title, hung] of passing) {
      it(`passes with ${title}`, () => {
        const finding = judge(collected(image, hung), trusting)
        expect(finding).to.include({ status: 'pass', code: 'SIGNATURE_VERIFIED' })
        expect(finding.message).to.match(
          /^velero-postgresql: the image registry\.example\.com\/acme\/plugin:v1 is signed by the key in cosign\.pub \(ECDSA P-256\)\./,
        )
      })
    }

    it('says which of several keys it was', () => {
      expect(judge(collected(image, [tag(image, signer)]), { keys: [stranger, signer] }).message).to.include(
        'signed by the key in cosign2.pub',
      )
    })

    it('passes with a signature although another place could not be asked, and tells that', () => {
      const finding = judge(failing(image, [tag(image, signer)]), trusting)
      expect(finding.status).to.equal('pass')
      expect(finding.evidence.join()).to.include('could not be asked (REGISTRY_RATE_LIMITED): Too many requests.')
    })

    it('fails without any signature, says where it looked and how to sign and to copy', () => {
      const finding = judge(collected(image, []), trusting)
      expect(finding).to.include({ status: 'fail', code: 'SIGNATURE_NONE' })
      expect(finding.message)
        .to.match(/Looked at the tag sha256-[0-9a-f]{12}…\.sig, the referrers API and the tag sha256-[0-9a-f]{12}…\./)
        .and.include(`cosign sign --key cosign.key ${repository}@${image.digest}`)
        .and.include('cosign copy')
      expect(finding.evidence.filter(row => row.endsWith(': nothing there'))).to.have.length(3)
    })

    it('fails with a signature by another key, and names both', () => {
      const finding = judge(collected(image, [bundle(image, stranger)]), trusting)
      expect(finding).to.include({ status: 'fail', code: 'SIGNATURE_KEY_MISMATCH' })
      expect(finding.message)
        .to.include(`expected the key in cosign.pub (SHA256:${signer.fingerprint})`)
        .and.include(`found the key SHA256:${stranger.fingerprint}`)
    })

    it('says of a tag that it does not tell whose key it is', () => {
      const { message } = judge(collected(image, [tag(image, stranger)]), trusting)
      expect(message).to.include('found an unknown key. It does not say whose key it is')
    })

    it('fails with a signature of another image, names both digests and who signed it', () => {
      const hung = { on: image.digest, artifact: cosignTag(other, repository, signer) }
      const finding = judge(collected(image, [hung, tag(image, stranger)]), trusting)
      expect(finding).to.include({ status: 'fail', code: 'SIGNATURE_SUBJECT_MISMATCH' })
      expect(finding.message).to.include(`expected ${image.digest}, found ${other.digest}`).and.include('by the key in cosign.pub')
    })

    it("tells of a stranger's signature of this image before one of another image", () => {
      const hung = { on: image.digest, artifact: cosignTag(other, repository, stranger) }
      expect(judge(collected(image, [hung, tag(image, stranger)]), trusting).code).to.equal('SIGNATURE_KEY_MISMATCH')
    })

    it('fails with a referrer that hangs on another image, wherever the registry lists it', () => {
      const listed = { ...bundle(other, signer), on: image.digest }
      const finding = judge(collected(image, [listed]), trusting)
      expect(finding).to.include({ status: 'fail', code: 'SIGNATURE_SUBJECT_MISMATCH' })
      expect(finding.message).to.include(other.digest)
    })

    it('fails with a referrer whose bundle is right and whose manifest names no image, or another', () => {
      const right = bundleBytes(bundleOf(signer, statementOf(image.digest)))
      for (const subject of [undefined, { mediaType: other.mediaType, digest: other.digest, size: other.bytes.length }]) {
        const hung = { on: image.digest, artifact: bundleReferrer(image, right, undefined, { subject }) }
        expect(judge(collected(image, [hung]), trusting).code).to.equal('SIGNATURE_SUBJECT_MISMATCH')
      }
    })

    it('fails with a signature that was changed, and says what is wrong with it', () => {
      const good = bundleOf(signer, statementOf(image.digest))
      const signatures = [{ sig: Buffer.from('30020101', 'hex').toString('base64') }]
      const changed = bundleBytes({ ...good, dsseEnvelope: { ...good.dsseEnvelope, signatures } })
      const finding = judge(collected(image, [{ on: image.digest, artifact: bundleReferrer(image, changed) }]), trusting)
      expect(finding).to.include({ status: 'fail', code: 'SIGNATURE_INVALID' })
      expect(finding.message).to.include('expected one by the key in cosign.pub, as it says, found one that this key does not verify')
    })

    it('fails with what is no bundle at all', () => {
      const finding = judge(collected(image, [{ on: image.digest, artifact: bundleReferrer(image, Buffer.from('<html>')) }]), trusting)
      expect(finding).to.include({ status: 'fail', code: 'SIGNATURE_INVALID' })
      expect(finding.message).to.include('found the bundle is not JSON')
    })

    it('does not take an attestation for a signature, and names it', () => {
      const predicate = 'https://slsa.dev/provenance/v1'
      const attestation = bundleBytes(bundleOf(signer, statementOf(image.digest, predicate)))
      const finding = judge(collected(image, [{ on: image.digest, artifact: bundleReferrer(image, attestation, predicate) }]), trusting)
      expect(finding).to.include({ status: 'fail', code: 'SIGNATURE_NONE' })
      expect(finding.message).to.include(
        `What there is does not count as a signature: an attestation (${predicate}) by the key in cosign.pub`,
      )
    })

    it('names what hangs on the image and is not judged', () => {
      const { content: _, ...notation } = collected(image, [tag(image, signer)]).facts.flatMap(fact => (fact.ok ? fact.signatures : []))[0]!
      const seen: FoundSignature = { ...notation, kind: 'unknown', mediaType: 'application/vnd.cncf.notary.signature' }
      const finding = judge(collected(image, [], { signatures: [seen] }), trusting)
      expect(finding.code).to.equal('SIGNATURE_NONE')
      expect(finding.message).to.include('application/vnd.cncf.notary.signature')
    })
  })

  describe('on an index', () => {
    const options = { ...trusting, platforms: both }
    it('passes when the index is signed, which covers every platform', () => {
      const finding = judge(collected(index, [tag(index, signer)]), options)
      expect(finding.status).to.equal('pass')
      expect(finding.evidence.join()).to.include(`index: ${repository}@${index.digest}`)
    })
    it('passes when the image of each required platform is signed, and says so', () => {
      const finding = judge(collected(index, [tag(amd64, signer), bundle(arm64, signer)]), options)
      expect(finding.status).to.equal('pass')
      expect(finding.message).to.match(
        /the index of the image .* is not signed, but each of its images that is needed is: linux\/amd64 by .* and linux\/arm64 by/,
      )
    })
    it('fails when only one of two required platforms is signed, and says which', () => {
      const finding = judge(collected(index, [bundle(arm64, signer)]), options)
      expect(finding).to.include({ status: 'fail', code: 'SIGNATURE_PARTIAL' })
      expect(finding.message).to.match(
        /trusted key for linux\/arm64 \(sha256:[0-9a-f]{12}…\) only, not for linux\/amd64 \(sha256:[0-9a-f]{12}…\), and its index is not signed/,
      )
    })
    it('passes when the only required platform is signed', () => {
      expect(judge(collected(index, [bundle(arm64, signer)]), { ...trusting, platforms: ['linux/arm64'] }).status).to.equal('pass')
    })
    it('does not count the signature of a platform that is not required', () => {
      expect(judge(collected(index, [bundle(arm64, signer)]), { ...trusting, platforms: ['linux/amd64'] }).status).to.equal('fail')
    })
    it('fails when a platform is asked for that was not collected', () => {
      const hung = [tag(amd64, signer), tag(arm64, signer)]
      const { findings } = judgeSignatures(collected(index, hung), { ...trusting, platforms: [...both, 'linux/s390x'] })[0]!
      expect(findings.map(({ status, code }) => [status, code])).to.deep.equal([
        ['fail', 'SIGNATURE_PARTIAL'],
        ['fail', 'SIGNATURE_UNREACHABLE'],
      ])
    })
    it('fails when there is no image for a platform', () => {
      const missing = { platform: 'linux/arm64', ok: false as const, code: 'PLATFORM_NOT_FOUND' as const, message: 'none' }
      const given = collected(index, [tag(amd64, signer)], {
        platforms: [{ platform: 'linux/amd64', ok: true, digest: amd64.digest }, missing],
      })
      const { findings } = judgeSignatures(given, options)[0]!
      expect(findings.map(({ code }) => code)).to.deep.equal(['SIGNATURE_PARTIAL'])
    })
    it('names every platform where it looked in vain', () => {
      expect(judge(collected(index, []), options).message).to.include(
        'for the index and its image for linux/amd64 and its image for linux/arm64',
      )
    })
    it('never passes with no platform at all and an unsigned index', () => {
      expect(judge(collected(index, [tag(amd64, signer)]), { ...trusting, platforms: [] }).status).to.equal('fail')
    })
  })

  describe('without a key', () => {
    it('warns of a signed image, says by whom and what to do', () => {
      const finding = judge(collected(image, [bundle(image, stranger)]))
      expect(finding).to.include({ status: 'warn', code: 'SIGNATURE_UNTRUSTED' })
      expect(finding.message)
        .to.include(`has a signature by the key SHA256:${stranger.fingerprint}, as it says, but nobody was named who is to be trusted`)
        .and.include('--key')
    })
    it('warns of an unsigned image', () => {
      expect(judge(collected(image, []))).to.include({ status: 'warn', code: 'SIGNATURE_NONE' })
    })
    it('warns of a signature of another image', () => {
      const hung = { on: image.digest, artifact: cosignTag(other, repository, signer) }
      expect(judge(collected(image, [hung]))).to.include({ status: 'warn', code: 'SIGNATURE_SUBJECT_MISMATCH' })
    })
    it('warns of a place that could not be asked', () => {
      expect(judge(failing(image, []))).to.include({ status: 'warn', code: 'SIGNATURE_UNREACHABLE' })
    })
    for (const [title, hung, code] of [
      ['a signed image', [tag(image, signer)], 'SIGNATURE_UNTRUSTED'],
      ['an unsigned one', [], 'SIGNATURE_NONE'],
    ] as const) {
      it(`fails with ${title} when signatures are required`, () => {
        expect(judge(collected(image, hung), { requireSignatures: true })).to.include({ status: 'fail', code })
      })
    }
  })

  describe('when something could not be had', () => {
    it('never calls an image unsigned whose places could not all be asked', () => {
      const finding = judge(failing(image, []), trusting)
      expect(finding).to.include({ status: 'fail', code: 'SIGNATURE_UNREACHABLE' })
      expect(finding.message).to.include('Too many requests. Wait.').and.not.include('is not signed')
    })
    it('says both that a signature is wrong and that a place could not be asked', () => {
      const { findings } = judgeSignatures(failing(image, [tag(image, stranger)]), trusting)[0]!
      expect(findings.map(({ code }) => code)).to.deep.equal(['SIGNATURE_KEY_MISMATCH', 'SIGNATURE_UNREACHABLE'])
    })
    it('says of a signature that could not be read that nobody knows', () => {
      const content = { ok: false as const, code: 'DIGEST_MISMATCH' as const, message: 'Wrong bytes.' }
      const finding = judge(collected(image, [{ ...tag(image, signer), found: { content } }]), trusting)
      expect(finding).to.include({ status: 'fail', code: 'SIGNATURE_UNREACHABLE' })
      expect(finding.message).to.include('Wrong bytes.')
    })
    it('says that there were more signatures than are read', () => {
      const { facts, blobs } = collected(image, [tag(image, stranger)])
      const [fact] = facts as [Found]
      const places = fact.places.map(place => (place.state === 'found' ? { ...place, unread: 6 } : place))
      const { findings } = judgeSignatures({ facts: [{ ...fact, places }], blobs }, trusting)[0]!
      expect(findings.map(({ code }) => code)).to.deep.equal(['SIGNATURE_KEY_MISMATCH', 'SIGNATURE_UNREACHABLE'])
      expect(findings[1]?.message).to.include('6 more that were not read')
    })
    it('fails, also without a key, when the image could not be opened', () => {
      const facts: SignatureFact[] = [
        { plugin: pluginName, image: reference, ok: false, code: 'REGISTRY_DENIED', message: 'Denied.', hint: 'Log in.' },
      ]
      const finding = judge({ facts, blobs: new Map() })
      expect(finding).to.include({ status: 'fail', code: 'SIGNATURE_UNREACHABLE' })
      expect(finding.message).to.equal('velero-postgresql: its signatures could not be looked for: Denied. Log in.')
    })
    for (const [title, change, code] of [
      ['was altered', () => Buffer.from('redacted'), 'FACT_ALTERED'],
      ['is missing', () => undefined, 'FACT_MISSING'],
    ] as const) {
      it(`says of a blob that it ${title}, never that the signature is bad`, () => {
        const given = collected(image, [tag(image, signer)])
        const manifest = given.facts.flatMap(fact => (fact.ok ? fact.signatures : []))[0]!.manifest
        const changed = change()
        if (changed === undefined) given.blobs.delete(manifest)
        else given.blobs.set(manifest, changed)
        expect(judge(given)).to.include({ status: 'fail', code })
      })
    }
    it('does not believe facts that name another layer than the manifest has', () => {
      const hung = tag(image, signer)
      const blob = sha256('else')
      const given = collected(image, [{ ...hung, found: { content: { ok: true, blob } } }])
      given.blobs.set(blob, Buffer.from('else'))
      expect(judge(given, trusting)).to.include({ status: 'fail', code: 'FACT_ALTERED' })
    })
    it('does not believe facts of another digest than the image is named by', () => {
      const named = (digest: string) => judge(collected(image, [tag(image, signer)], { image: `${repository}@${digest}` }), trusting)
      expect(named(image.digest).status).to.equal('pass')
      expect(() => named(other.digest))
        .to.throw(PreflightError)
        .with.property('code', 'FACT_ALTERED')
    })
    it('throws when nothing was collected for a plugin', () => {
      expect(() => judgeSignatures({ facts: [], blobs: new Map() })).to.not.throw()
      const input = {
        plugins: [{ plugin: 'p', image: 'i' }],
        platforms: [],
        schema: 'auto' as const,
        at: new Date(0),
        policy: { keys: [], requireSignatures: false },
        read: () => [],
        blob: () => Buffer.alloc(0),
      }
      expect(() => signature.analyze(input))
        .to.throw(PreflightError)
        .with.property('code', 'FACT_MISSING')
    })
    it('throws on a key that is none, and verifies nothing', () => {
      expect(() => judge(collected(image, [tag(image, signer)]), { keys: [{ name: 'k', pem: 'x' }] }))
        .to.throw(PreflightError)
        .with.property('code', 'KEY_INVALID')
    })
  })

  it('gives values for a spec to compare', () => {
    const values = (given: Collected, options: JudgeOptions = {}) => judgeSignatures(given, options)[0]?.values
    expect(values(collected(image, [tag(image, signer, stranger)]), trusting)).to.deep.equal({
      verified: true,
      signatures: 2,
      unreachable: 0,
    })
    expect(values(collected(image, []), trusting)).to.deep.equal({ verified: false, signatures: 0, unreachable: 0 })
    expect(values(failing(image, [tag(image, stranger)]))).to.deep.equal({ verified: false, signatures: 1, unreachable: 1 })
  })

  describe('of what it does not judge', () => {
    const spdx = 'https://spdx.dev/Document'
    const shape = (kind: FoundSignature['kind'], artifact: Artifact, found: Partial<FoundSignature> = {}): Hung => ({
      on: image.digest,
      artifact,
      kind,
      found,
    })
    const broken = { ok: false, code: 'REGISTRY_FAILED', message: 'It failed.' } as const
    const others: readonly [title: string, hung: Hung, words: string][] = [
      [
        "an attestation in cosign's tag",
        shape('cosignAttestation', attestationTag(image, signer, spdx), { places: ['attTag'] }),
        `an attestation (${spdx})`,
      ],
      ['an attestation that hangs on the image', shape('inTotoReferrer', inTotoReferrer(image, signer, spdx)), `an attestation (${spdx})`],
      [
        'an attestation that could not be read',
        shape('inTotoReferrer', inTotoReferrer(image, signer, spdx), { content: broken }),
        `an attestation (${spdx}), which could not be read`,
      ],
      [
        'a signature of the Notary Project',
        shape('notation', notationReferrer(image)),
        'a signature of the Notary Project (application/jose+json)',
      ],
      [
        'one that could not be read',
        shape('notation', notationReferrer(image), { content: broken }),
        'a signature of the Notary Project (application/jose+json), which could not be read',
      ],
    ]
    for (const [title, hung, words] of others)
      it(`says what it is, and takes it for no signature: ${title}`, () => {
        const [judgement] = judgeSignatures(collected(image, [hung]), trusting)
        expect(judgement?.values).to.deep.equal({ verified: false, signatures: 0, unreachable: 0 })
        const finding = judge(collected(image, [hung]), trusting)
        expect(finding).to.include({ status: 'fail', code: 'SIGNATURE_NONE' })
        expect(finding.message).to.include(`What there is does not count as a signature: ${words}.`)
        expect(finding.evidence.join('\n')).to.include(`${words}: does not count as a signature`)
        expect(judge(collected(image, [hung, tag(image, signer)]), trusting).status).to.equal('pass')
      })

    it('names an SBOM that nobody signed', () => {
      const { facts, blobs } = collected(image, [shape('sbomAttachment', sbomTag(image), { places: ['sbomTag'] })])
      const [fact] = facts as [Found]
      const unread = fact.signatures.map(({ content: _, ...found }) => found)
      const finding = judge({ facts: [{ ...fact, signatures: unread }], blobs }, trusting)
      expect(finding.code).to.equal('SIGNATURE_NONE')
      expect(finding.message).to.include('an SBOM that nobody signed (text/spdx+json)')
      expect(finding.evidence.join('\n')).to.include('.sbom, number 1')
    })

    it('takes what may be anything for something that is not known', () => {
      const unknown = shape('unknown', notationReferrer(image), { content: broken })
      expect(judge(collected(image, [unknown]), trusting).code).to.equal('SIGNATURE_UNREACHABLE')
    })

    for (const kind of ['attTag', 'sbomTag'] as const)
      it(`can say that an image is not signed although the place ${kind} could not be asked, and tells that`, () => {
        const { facts, blobs } = collected(image, [])
        const [fact] = facts as [Found]
        const place = { kind, subject: image.digest, at: 'x', ...error } as SignaturePlace
        const finding = judge({ facts: [{ ...fact, places: [...fact.places, place] }], blobs }, trusting)
        expect(finding.code).to.equal('SIGNATURE_NONE')
        expect(finding.message).to.not.match(/\.att|\.sbom/)
        expect(finding.evidence.join('\n')).to.include('looked at x: could not be asked (REGISTRY_RATE_LIMITED)')
      })
  })

  describe('in another repository', () => {
    const source = 'registry.example.com/signatures'

    it('counts a signature, and says where it is', () => {
      const given = collected(image, [{ ...tag(image, signer), found: { source, tagPrefix: 'release-' } }])
      const finding = judge(given, trusting)
      expect(finding.status).to.equal('pass')
      expect(finding.message).to.match(
        /The signature is in the tag release-sha256-[0-9a-f]{12}….sig in registry.example.com.signatures, number 1\.$/,
      )
    })

    it('does not take a place that could not be asked for one without signatures', () => {
      const { facts, blobs } = collected(image, [])
      const [fact] = facts as [Found]
      const place = { kind: 'referrersApi', subject: image.digest, at: 'x', source, ...error } as SignaturePlace
      const finding = judge({ facts: [{ ...fact, local: 'oci:folder', places: [...fact.places, place] }], blobs }, trusting)
      expect(finding.code).to.equal('SIGNATURE_UNREACHABLE')
      expect(finding.message).to.include(`the referrers API in ${source}: could not be asked`)
    })
  })

  it('gives only codes that it documents', () => {
    expect(Object.keys(signature.codes)).to.include.members([
      'SIGNATURE_VERIFIED',
      'SIGNATURE_NONE',
      'SIGNATURE_UNTRUSTED',
      'SIGNATURE_PARTIAL',
    ])
    for (const { meaning, ...doc } of Object.values(signature.codes)) {
      expect(meaning).to.match(/\.$/)
      if (doc.status !== 'pass') expect(doc.remedy).to.match(/\.$/)
    }
  })

  it('escapes what a registry wrote', () => {
    const hostile = '\u001b]0;x\u0007\nPASS'
    const seen: FoundSignature = {
      kind: 'unknown',
      subject: image.digest,
      places: ['referrersApi'],
      manifest: image.digest,
      layer: 0,
      mediaType: hostile,
    }
    const bad = bundleBytes(bundleOf(signer, { ...statementOf(image.digest), subject: [{ digest: { [hostile]: hostile } }] }))
    const given = collected(image, [{ on: image.digest, artifact: bundleReferrer(image, bad) }])
    const [fact] = given.facts as [Found]
    for (const { message, evidence = [] } of judgeSignatures({ ...given, facts: [{ ...fact, signatures: [...fact.signatures, seen] }] })[0]!
      .findings) {
      expect([message, ...evidence].join(' ')).to.not.match(/\p{Cc}/u)
    }
  })
})
