import { generateKeyPairSync } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { expect } from 'chai'
import { pemBlocks } from '../../src/policy/pem.ts'
import { fingerprintOf, parseCertificate } from '../../src/x509/certificate.ts'
import { isIssuedBy, maySign, signedItself } from '../../src/x509/issuance.ts'
import { showName } from '../../src/x509/name.ts'
import { X509Error } from '../../src/x509/x509-error.ts'
import { extension, type IssueOptions, issue, issueAuthority, pairOf, subjectOf } from '../support/certificate-authority.ts'
import { bits, bool, der, integer, octets, oid, sequence, set } from '../support/der-writer.ts'

const root = issueAuthority()
const fault = (bytes: Uint8Array): string | undefined => {
  try {
    parseCertificate(bytes)
    return undefined
  } catch (error) {
    if (error instanceof X509Error) return error.message
    throw error
  }
}

describe('a certificate', () => {
  it('is read with what it says', () => {
    const leaf = issue({
      issuer: root,
      ca: false,
      keyUsage: ['digitalSignature', 'decipherOnly'],
      crlUrls: ['http://a/', 'http://b/'],
      ocsp: 'http://o/',
    })
    const { subject, issuer, version, notBefore, notAfter, basicConstraints, keyUsage, crlUrls, hasOcsp, key } = parseCertificate(leaf.der)
    expect([showName(subject), showName(issuer), version]).to.deep.equal(['CN=leaf,O=acme,ST=WA,C=US', 'CN=root,O=acme,ST=WA,C=US', 3])
    expect([notBefore, notAfter].map(ms => new Date(ms).getUTCFullYear())).to.deep.equal([2026, 2027])
    expect(basicConstraints).to.deep.equal({ ca: false, pathLength: undefined, critical: true })
    expect(keyUsage).to.deep.equal({ bits: new Set([0, 8]), critical: true })
    expect([crlUrls, hasOcsp, key?.asymmetricKeyType]).to.deep.equal([['http://a/', 'http://b/'], true, 'ec'])
  })

  it('of every authority that Node trusts is read', () => {
    for (const pem of rootCertificates) expect(fault(pemBlocks(pem)[0]!.der), pem).to.equal(undefined)
  })

  it('has the fingerprint that people compare', () => {
    expect(fingerprintOf(parseCertificate(root.der))).to.match(/^[0-9a-f]{64}$/)
  })

  const wrong: readonly [what: string, options: IssueOptions, why: RegExp][] = [
    [
      'with an extension twice',
      { extensions: [extension('1.2.3', false, octets(Buffer.alloc(0))), extension('1.2.3', false, octets(Buffer.alloc(0)))] },
      /has the extension 1\.2\.3 twice$/,
    ],
    [
      'with more extensions than any',
      { extensions: Array.from({ length: 65 }, (_, n) => extension(`1.2.3.${n}`, false, Buffer.alloc(0))) },
      /more than 64 extensions$/,
    ],
    [
      'with basicConstraints of two numbers',
      { extensions: [extension('2.5.29.19', true, sequence(bool(true), integer(1), integer(2)))] },
      /more fields than it may have$/,
    ],
    [
      'with basicConstraints in BER',
      { extensions: [extension('2.5.29.19', true, sequence(der(1, Buffer.from([1]))))] },
      /not a boolean in DER$/,
    ],
    [
      'with bytes after its keyUsage',
      { keyUsage: undefined, extensions: [extension('2.5.29.15', true, Buffer.concat([bits(Buffer.from([0x80]), 7), Buffer.alloc(1)]))] },
      /bytes after its end$/,
    ],
    ['with a purpose that is none', { extensions: [extension('2.5.29.37', false, sequence(integer(1)))] }, /not a list of purposes$/],
    ['of version 5', { version: 5 }, /^the version is 5$/],
    [
      'with a critical subjectKeyIdentifier',
      { extensions: [extension('2.5.29.14', true, octets(Buffer.alloc(1)))] },
      /may not be critical$/,
    ],
    ['with an authorityKeyIdentifier that is none', { extensions: [extension('2.5.29.35', false, octets(Buffer.alloc(1)))] }, /tag 0x04/],
    ['with nameConstraints that constrain nothing', { extensions: [extension('2.5.29.30', true, sequence())] }, /constrains nothing$/],
    [
      'with an address of three bytes',
      { extensions: [extension('2.5.29.17', false, sequence(der(0x87, Buffer.alloc(3))))] },
      /of another length$/,
    ],
    ['with a name that is not ASCII', { extensions: [extension('2.5.29.17', false, sequence(der(0x82, Buffer.from('ü'))))] }, /not ASCII$/],
    ['with a policy that is none', { extensions: [extension('2.5.29.32', false, sequence(sequence(integer(1))))] }, /certificatePolicies/],
    [
      'with a key on a curve that is not used',
      { pair: { kind: 'P-256', ...generateKeyPairSync('ec', { namedCurve: 'secp256k1' }) } },
      /^the public key is damaged/,
    ],
  ]
  for (const [what, options, why] of wrong) {
    it(`is refused ${what}`, () => {
      expect(fault(issue({ issuer: root, ...options }).der)).to.match(why)
    })
  }

  it('is refused with the point of its key in the hybrid form, which OpenSSL takes and Go does not', () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const point = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-65)
    const { der: bytes } = issue({ issuer: root, pair: { kind: 'P-256', ...pair } })
    const hybrid = Buffer.from(bytes)
    hybrid[bytes.indexOf(point)] = 6 + (point[64]! & 1)
    expect([fault(bytes), fault(hybrid)]).to.deep.equal([undefined, 'the public key is damaged, or on a curve that is not used'])
  })

  it('is refused with bytes after its end, cut off, as PEM, and larger than any', () => {
    const { der: bytes } = root
    expect(fault(Buffer.concat([bytes, Buffer.alloc(1)]))).to.match(/1 bytes after its end$/)
    expect(fault(bytes.subarray(0, -1))).to.match(/is cut off/)
    expect(fault(Buffer.from('-----BEGIN CERTIFICATE-----'))).to.be.a('string')
    expect(fault(der(0x30, Buffer.alloc(65_536)))).to.match(/larger than any$/)
  })
  it('is refused when what was signed names another algorithm than its signature', () => {
    const other = Buffer.from(root.der)
    const at = other.lastIndexOf(Buffer.from('2a8648ce3d040302', 'hex'))
    other[at + 7] = 3
    expect(fault(other)).to.equal('the certificate names two signature algorithms')
  })
  it('is refused with a negative number', () => {
    const other = Buffer.from(issueAuthority({ serial: 0x41 }).der)
    const at = other.indexOf(Buffer.from('a003020102020141', 'hex'))
    other[at + 7] = 0x81
    expect(fault(other)).to.equal('the serial number is negative')
  })

  const names: readonly [what: string, value: Buffer, shown: string | undefined][] = [
    ['UTF-8', der(0x0c, Buffer.from('Müller')), 'CN=Müller'],
    ['UTF-16', der(0x1e, Buffer.from('004d00fc', 'hex')), 'CN=Mü'],
    ['printable text', der(0x13, Buffer.from('acme')), 'CN=acme'],
    ['ASCII', der(0x16, Buffer.from('a@b')), 'CN=a@b'],
    ['digits', der(0x12, Buffer.from('12 3')), 'CN=12 3'],
    ['text of another kind', der(0x14, Buffer.from([0xfc])), 'CN=?'],
    ['bytes', der(0x04, Buffer.from('a')), undefined],
    ['UTF-8 that is none', der(0x0c, Buffer.from([0xff])), undefined],
    ['printable text with other characters', der(0x13, Buffer.from('a@b')), undefined],
    ['ASCII beyond ASCII', der(0x16, Buffer.from([0xfc])), undefined],
    ['letters for digits', der(0x12, Buffer.from('a')), undefined],
  ]
  for (const [what, value, shown] of names) {
    it(`${shown === undefined ? 'is refused' : 'is read'} with a name in ${what}`, () => {
      const name = sequence(set(sequence(oid('2.5.4.3'), value)))
      const plain = sequence(set(sequence(oid('2.5.4.3'), der(0x0c, Buffer.from('leaf')))))
      const { der: bytes } = issue({ issuer: root, subject: [['CN', 'leaf']] })
      // The body is put together again with the other name; nobody signs it, and reading asks for no signature.
      const body = bytes.subarray(
        bytes.indexOf(Buffer.from('a003020102', 'hex')),
        bytes.lastIndexOf(Buffer.from('300a06082a8648ce3d040302', 'hex')),
      )
      const at = body.indexOf(plain)
      const changed = sequence(Buffer.concat([body.subarray(0, at), name, body.subarray(at + plain.length)]))
      const whole = sequence(changed, bytes.subarray(bytes.lastIndexOf(Buffer.from('300a06082a8648ce3d040302', 'hex'))))
      if (shown === undefined) expect(fault(whole)).to.be.a('string')
      else expect(showName(parseCertificate(whole).subject)).to.equal(shown)
    })
  }
})

describe('who issued a certificate', () => {
  const issued = (options: IssueOptions, issuer = root) =>
    isIssuedBy(parseCertificate(issue({ issuer, ...options }).der), parseCertificate(issuer.der))
  for (const kind of ['P-256', 'P-384', 'P-521', 'RSA 2048', 'ed25519'] as const) {
    it(`is proven with a key ${kind}`, () => {
      const authority = issueAuthority({ pair: pairOf(kind, 'authority') })
      expect(issued({}, authority)).to.equal(true)
      expect(isIssuedBy(parseCertificate(authority.der), parseCertificate(authority.der))).to.equal(true)
    })
  }
  for (const [hash, safe] of [
    ['sha256', true],
    ['sha384', true],
    ['sha512', true],
    ['sha1', false],
  ] as const) {
    it(`is ${safe ? '' : 'not '}proven with ${hash}`, () => {
      expect(issued({ hash })).to.equal(safe)
      expect(issued({ hash }, issueAuthority({ pair: pairOf('RSA 2048', 'authority') }))).to.equal(safe)
    })
  }
  it('is not proven by an RSA key of which SHA-1 made a signature, nor by another key or name', () => {
    expect(
      isIssuedBy(parseCertificate(issue({ issuer: root }).der), parseCertificate(issueAuthority({ pair: pairOf('P-256', 'other') }).der)),
    ).to.equal(false)
    const renamed = issueAuthority({ subject: subjectOf('renamed') })
    expect(isIssuedBy(parseCertificate(issue({ issuer: root }).der), parseCertificate(renamed.der))).to.equal(false)
  })
  it('is not proven with an RSA key of less than 1024 bits', () => {
    for (const [modulusLength, safe] of [
      [1024, true],
      [768, false],
    ] as const) {
      const pair = { kind: 'RSA 2048' as const, ...generateKeyPairSync('rsa', { modulusLength }) }
      expect(issued({}, issueAuthority({ pair })), String(modulusLength)).to.equal(safe)
    }
  })
  it('is not proven by one that may not sign', () => {
    for (const options of [{ ca: false }, { ca: undefined }, { keyUsage: ['cRLSign'] }] as const satisfies readonly IssueOptions[])
      expect(maySign(parseCertificate(issueAuthority(options).der), 'keyCertSign'), JSON.stringify(options)).to.equal(false)
    expect(maySign(parseCertificate(issueAuthority({ keyUsage: undefined }).der), 'keyCertSign')).to.equal(true)
    expect(maySign(parseCertificate(issueAuthority({ keyUsage: ['keyCertSign'] }).der), 'cRLSign')).to.equal(false)
  })
  it('signed itself without being an authority', () => {
    const alone = parseCertificate(issue().der)
    expect([signedItself(alone), isIssuedBy(alone, alone)]).to.deep.equal([true, false])
  })
  it('of version 1 may sign: it has no basicConstraints to say so', () => {
    const old = parseCertificate(issueAuthority({ version: 1 }).der)
    expect([old.version, old.extensions.size, maySign(old, 'keyCertSign')]).to.deep.equal([1, 0, true])
  })
})
