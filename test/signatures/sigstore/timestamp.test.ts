import { expect } from 'chai'
import fc from 'fast-check'
import { Malformed } from '../../../src/signatures/malformed.ts'
import { type Stamped, stampOf } from '../../../src/signatures/sigstore/timestamp.ts'
import { issue, type KeyKind, newKey, purpose, sha256, subjectKeyId, timeStamping, times } from '../../support/sigstore/certificates.ts'
import { issueTsa, newDeployment, trustedRootOf } from '../../support/sigstore/deployment.ts'
import { type StampOptions, stamp } from '../../support/sigstore/timestamps.ts'
import { parsedRoot, rootWith } from '../../support/sigstore/trust.ts'

const signature = Buffer.from('a signature')
const here = newDeployment()
const known = rootWith(here).timestampAuthorities
const stamped = (options: Partial<StampOptions> = {}, over: Uint8Array = signature): Buffer =>
  stamp(over, { signer: here.tsa, time: times.signed, ...options })
const look = (der: Uint8Array, authorities = known): Stamped => stampOf(der, [signature], authorities)
/** An authority with a key of this kind. */
const tsaWith = (kind: KeyKind, ...args: [] | [usage: Buffer]) => {
  const tsa = issueTsa(here.tsaRoot, newKey(kind), ...args)
  return { tsa, authorities: rootWith({ ...here, tsa }).timestampAuthorities }
}

describe('stampOf', () => {
  it('gives the time, and whose word it is', () => {
    const found = look(stamped())
    expect(found).to.deep.include({ state: 'proven', time: times.signed })
    expect(found.state === 'proven' && found.authority.name).to.equal('https://tsa.example')
  })

  // Nine algorithms of which @sigstore/verify knows the first three, and RSA with SHA-256 by luck.
  const algorithms: readonly [kind: KeyKind, hash: string, more?: Partial<StampOptions>][] = [
    ['P-256', 'sha256'],
    ['P-384', 'sha384'],
    ['P-521', 'sha512'],
    ['P-256', 'sha512', { algorithm: '1.2.840.10045.2.1' }],
    ['RSA', 'sha256'],
    ['RSA', 'sha384'],
    ['RSA', 'sha512'],
    ['RSA', 'sha512', { algorithm: '1.2.840.113549.1.1.1' }],
    ['RSA', 'sha384', { pss: true }],
    ['Ed25519', 'sha512'],
  ]
  for (const [kind, hash, more = {}] of algorithms) {
    it(`verifies ${kind} with ${hash}${more.pss === true ? ' and PSS' : ''}${more.algorithm === undefined ? '' : `, written as ${more.algorithm}`}`, () => {
      const { tsa, authorities } = tsaWith(kind)
      const options = { signer: tsa, hash, imprintHash: hash, ...more }
      expect(look(stamped(options), authorities).state).to.equal('proven')
      expect(look(stamped({ ...options, signer: { ...tsa, key: newKey(kind) } }), authorities)).to.include({
        state: 'failed',
        expected: "a timestamp that its authority's key verifies",
      })
    })
  }

  for (const [fraction, ms] of [
    ['.5', 500],
    ['.96', 960],
    ['.123', 123],
    ['.1234567', 123],
  ] as const) {
    it(`reads the fraction ${fraction}`, () => {
      expect(look(stamped({ fraction }))).to.deep.include({ state: 'proven', time: new Date(times.signed.getTime() + ms) })
    })
  }

  it('verifies attributes in order, however they are written', () => {
    expect(look(stamped({ unordered: true })).state).to.equal('proven')
  })

  it('finds the signer by its subject key', () => {
    expect(look(stamped({ bySubjectKey: true })).state).to.equal('proven')
  })

  it('takes what was stamped from a list, as cosign 2 stamped whole envelopes', () => {
    const envelope = Buffer.from('{"payload":""}')
    expect(stampOf(stamped({}, envelope), [signature, envelope], known).state).to.equal('proven')
  })

  describe('of an authority whose trusted root lists only the root', () => {
    const json = trustedRootOf(here)
    const [authority] = json.timestampAuthorities
    const rootOnly = parsedRoot({
      ...json,
      timestampAuthorities: [{ ...authority, certChain: { certificates: authority?.certChain.certificates.slice(1) } }],
    }).timestampAuthorities
    it('takes a certificate that came along and leads to it', () => {
      expect(look(stamped({ certificates: [here.tsa.der] }), rootOnly).state).to.equal('proven')
    })
    it('knows nothing without one', () => {
      expect(look(stamped(), rootOnly).state).to.equal('unknown')
    })
    it('knows nothing of one that leads elsewhere', () => {
      const stranger = newDeployment()
      expect(look(stamped({ signer: stranger.tsa, certificates: [stranger.tsa.der, stranger.tsaRoot.der] }), rootOnly).state).to.equal(
        'unknown',
      )
    })
  })

  it('knows nothing of an authority that is not trusted, though it brings its certificates', () => {
    const stranger = newDeployment()
    expect(look(stamped({ signer: stranger.tsa, certificates: [stranger.tsa.der] })).state).to.equal('unknown')
    expect(look(stamped(), []).state).to.equal('unknown')
  })

  it('knows nothing of one whose issuer or serial is another', () => {
    const stranger = newDeployment('P-256')
    for (const signer of [
      { ...here.tsa, der: issueTsa(issue({ name: 'other root' }), here.tsa.key).der },
      { ...here.tsa, serial: stranger.tsa.serial },
    ]) {
      expect(look(stamped({ signer, ownCertificate: 'none' })).state).to.equal('unknown')
    }
  })

  const purposeless = issueTsa(here.tsaRoot, newKey(), purpose(['1.3.6.1.5.5.7.3.3'], true))
  const failing: readonly [title: string, der: Buffer, authorities: typeof known, failure: RegExp][] = [
    ['of something else', stamped({}, Buffer.from('else')), known, /of this signature → one of something else/],
    ['with another key', stamped({ signer: { ...here.tsa, key: newKey() } }), known, /key verifies → one that it does not/],
    [
      'of another certificate for the same key',
      stamped({ ownCertificate: sha256(Buffer.from('x')) }),
      known,
      /names as its own → another certificate/,
    ],
    [
      'by a certificate for code signing',
      stamped({ signer: purposeless }),
      rootWith({ ...here, tsa: purposeless }).timestampAuthorities,
      /to be for timestamps → one for code signing/,
    ],
    ...(['its purpose not critical', 'a purpose beside'] as const).map((title): [string, Buffer, typeof known, RegExp] => {
      const usage = title === 'a purpose beside' ? purpose([timeStamping, '1.3.6.1.5.5.7.3.3'], true) : purpose([timeStamping])
      const { tsa, authorities } = tsaWith('P-256', usage)
      return [`by a certificate with ${title}`, stamped({ signer: tsa }), authorities, /a certificate for timestamps alone → one/]
    }),
    [
      'outside of its certificate',
      stamped({ time: new Date('2041-01-01T00:00:00Z') }),
      known,
      /the certificate to be valid when it signed .* → signed at 2041/,
    ],
    [
      'when the authority was no longer trusted',
      stamped(),
      rootWith(here, json => ({
        ...json,
        timestampAuthorities: json.timestampAuthorities.map(one => ({
          ...one,
          validFor: { ...one.validFor, end: '2025-12-31T00:00:00Z' },
        })),
      })).timestampAuthorities,
      /in its time .* → signed at 2026-01-01/,
    ],
  ]
  for (const [title, der, authorities, failure] of failing) {
    it(`rejects one ${title}`, () => {
      const found = look(der, authorities)
      expect(found.state === 'failed' ? `${found.expected} → ${found.actual}` : found.state).to.match(failure)
    })
  }

  it('takes the last moment in which the authority was trusted', () => {
    const authorities = rootWith(here, json => ({
      ...json,
      timestampAuthorities: json.timestampAuthorities.map(one => ({
        ...one,
        validFor: { ...one.validFor, end: times.signed.toISOString() },
      })),
    })).timestampAuthorities
    expect(look(stamped(), authorities).state).to.equal('proven')
    expect(look(stamped({ fraction: '.001' }), authorities).state).to.equal('failed')
  })

  /** One minute. */
  const later = (info: Buffer) => Buffer.from(info.toString('latin1').replace('20260101000500Z', '20260101000600Z'), 'latin1')
  const refused: readonly [title: string, der: Buffer, problem: RegExp][] = [
    ['what was not granted', stamped({ status: 2 }), /was not granted \(status 02\)/],
    ['extensions', stamped({ extensions: true }), /has extensions/],
    ['a content that was signed as something else', stamped({ contentType: '1.2.840.113549.1.7.1' }), /signed as something else/],
    ['a content that its signer did not sign', stamped({ tamper: later }), /is not what its signer signed/],
    ['two signers', stamped({ signers: 2 }), /2 signers instead of one/],
    ['SHA-1', stamped({ imprintHash: 'sha1' }), /the hash 1\.3\.14\.3\.2\.26/],
    ['an unknown algorithm', stamped({ algorithm: '1.2.3' }), /signed with 1\.2\.3/],
    ['what is no DER', Buffer.from('x'), /not DER/],
    ['what goes on after its end', Buffer.concat([stamped(), Buffer.from([0])]), /bytes after its end/],
    ['what is too large', Buffer.alloc(70_000, 0x30), /larger than 64 KiB/],
  ]
  for (const [title, der, problem] of refused) {
    it(`refuses ${title}`, () => {
      expect(() => look(der)).to.throw(Malformed, problem)
    })
  }

  it('does without the attribute that names the certificate, which not all authorities write', () => {
    expect(look(stamped({ ownCertificate: 'none' })).state).to.equal('proven')
  })

  it('looks for the signer among certificates that share its name', () => {
    const twin = issue({ name: 'tsa', issuer: here.tsaRoot, extensions: [purpose([timeStamping], true), subjectKeyId(newKey())] })
    expect(look(stamped({ signer: twin, certificates: [here.tsa.der, twin.der] })).state).to.equal('proven')
  })

  it('throws nothing but Malformed, whatever is changed', () => {
    const good = stamped({ certificates: [here.tsa.der] })
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(good)
        changed[at] = byte
        try {
          look(changed)
        } catch (error) {
          expect(error).to.be.instanceOf(Malformed)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
