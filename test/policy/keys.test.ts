import { execFileSync } from 'node:child_process'
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { PreflightError } from '../../src/errors.ts'
import { publicKeyFromPem, publicKeyFromSpki } from '../../src/policy/keys.ts'

const ec = (namedCurve: string, paramEncoding?: 'explicit') =>
  generateKeyPairSync('ec', { namedCurve, ...(paramEncoding === undefined ? {} : { paramEncoding }) })
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength })
const p256 = ec('P-256')
const rsa2048 = rsa(2048)
const spkiOf = (key: KeyObject) => key.export({ type: 'spki', format: 'der' })
const pemOf = (key: KeyObject, type: 'spki' | 'pkcs1' = 'spki') => key.export({ type, format: 'pem' }).toString()
const wrap = (label: string, der: Buffer) => `-----BEGIN ${label}-----\n${der.toString('base64')}\n-----END ${label}-----\n`
const good = pemOf(p256.publicKey)

const refusal = (pem: string, name = 'cosign.pub'): PreflightError => {
  try {
    publicKeyFromPem(pem, name)
  } catch (error) {
    if (error instanceof PreflightError) return error
    throw error
  }
  throw new Error('was taken')
}

describe('publicKeyFromPem', () => {
  const taken: readonly [title: string, pem: string, algorithm: string, description: string][] = [
    ['ECDSA P-256', good, 'ecdsa-p256', 'ECDSA P-256'],
    ['ECDSA P-384', pemOf(ec('P-384').publicKey), 'ecdsa-p384', 'ECDSA P-384'],
    ['ECDSA P-521', pemOf(ec('P-521').publicKey), 'ecdsa-p521', 'ECDSA P-521'],
    ['RSA as SubjectPublicKeyInfo', pemOf(rsa2048.publicKey), 'rsa', 'RSA 2048'],
    ['RSA as PKCS #1', pemOf(rsa2048.publicKey, 'pkcs1'), 'rsa', 'RSA 2048'],
    ['Ed25519', pemOf(generateKeyPairSync('ed25519').publicKey), 'ed25519', 'Ed25519'],
    ['CRLF line ends', good.replaceAll('\n', '\r\n'), 'ecdsa-p256', 'ECDSA P-256'],
    ['no line break at the end', good.trimEnd(), 'ecdsa-p256', 'ECDSA P-256'],
    ['text around the block', `our key:\n${good}\nthat was it\n`, 'ecdsa-p256', 'ECDSA P-256'],
    ['a byte order mark', `\ufeff${good}`, 'ecdsa-p256', 'ECDSA P-256'],
    ['a block on one long line', wrap('PUBLIC KEY', spkiOf(p256.publicKey)), 'ecdsa-p256', 'ECDSA P-256'],
  ]
  for (const [title, pem, algorithm, description] of taken) {
    it(`takes ${title}`, () => {
      expect(publicKeyFromPem(pem, 'k')).to.include({ algorithm, description })
    })
  }

  it("gives the fingerprint that cosign writes as a bundle's key hint", () => {
    const expected = createHash('sha256').update(spkiOf(rsa2048.publicKey)).digest('base64')
    expect(publicKeyFromPem(pemOf(rsa2048.publicKey), 'k').fingerprint).to.equal(expected)
    expect(publicKeyFromPem(pemOf(rsa2048.publicKey, 'pkcs1'), 'k').fingerprint).to.equal(expected)
  })

  const der = spkiOf(p256.publicKey)
  const point = der.subarray(-65)
  const compressed = Buffer.concat([
    Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex'),
    Buffer.from([2 + (point[64]! & 1)]),
    point.subarray(1, 33),
  ])
  const hybrid = Buffer.from(der)
  hybrid[26] = 6 + (point[64]! & 1)
  const offCurve = Buffer.from(der)
  offCurve[90]! ^= 1
  const privatePem = (type: 'pkcs8' | 'sec1') => p256.privateKey.export({ type, format: 'pem' }).toString()
  const refused: readonly [title: string, pem: string, problem: RegExp, hint: RegExp][] = [
    ['a private key (PKCS #8)', privatePem('pkcs8'), /private key/, /cosign public-key --key cosign\.pub/],
    ['a private key (SEC 1)', privatePem('sec1'), /private key/, /public half/],
    [
      "cosign's own encrypted private key",
      '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\neyJrZGYi\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n',
      /private key/,
      /public half/,
    ],
    ['a private key beside the public one', `${good}${privatePem('pkcs8')}`, /private key/, /public half/],
    ['a certificate', wrap('CERTIFICATE', der), /certificate/, /openssl x509/],
    ['a PGP key', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQEN\n-----END PGP PUBLIC KEY BLOCK-----\n', /PGP/, /cosign\.pub/],
    ['an SSH key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me@here\n', /SSH/, /ssh-keygen -e -m PKCS8/],
    ['DER', der.toString('utf8'), /not ASCII/, /-inform DER/],
    ['UTF-16', Buffer.from(`\ufeff${good}`, 'utf16le').toString('utf8'), /not ASCII/, /save it as ASCII/],
    ['an empty file', '', /no PEM block/, /BEGIN PUBLIC KEY/],
    ['text without a key', 'kind: Secret\n', /no PEM block/, /BEGIN PUBLIC KEY/],
    // Its key would be trusted for all that the policy restricts it to.
    [
      'a policy in YAML with a key in it',
      `apiVersion: policy.sigstore.dev/v1beta1\nspec:\n  data: |\n${good.replace(/^/gm, '    ')}`,
      /a document in YAML or JSON/,
      /--policy/,
    ],
    ['a policy in JSON', '{"apiVersion": "policy.sigstore.dev/v1beta1"}', /a document in YAML or JSON/, /--policy/],
    [
      'a trusted root',
      '{\n  "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"',
      /a document in YAML or JSON/,
      /--trusted-root/,
    ],
    ['several keys', good + pemOf(rsa2048.publicKey), /holds 2 keys/, /--key once for each/],
    ['a block with a broken line', good.replace(/.\n-----END/, '\n-----END'), /damaged/, /Get the file again/],
    ['a block without an end', good.replace(/-----END.*/s, ''), /damaged/, /Get the file again/],
    ['base64 of something else', wrap('PUBLIC KEY', Buffer.from('hello world')), /does not hold a public key/, /cosign\.pub/],
    ['another label', wrap('X509 CRL', der), /holds "X509 CRL"/, /cosign\.pub/],
    [
      'a PKCS #1 key under the other label',
      wrap('PUBLIC KEY', rsa2048.publicKey.export({ type: 'pkcs1', format: 'der' })),
      /does not hold/,
      /./,
    ],
    ['data after the key', wrap('PUBLIC KEY', Buffer.concat([der, Buffer.from([0])])), /data after the key/, /./],
    ['a point that is not on its curve', wrap('PUBLIC KEY', offCurve), /does not hold/, /./],
    ['a compressed point', wrap('PUBLIC KEY', compressed), /compressed/, /./],
    ['a point in the hybrid form', wrap('PUBLIC KEY', hybrid), /compressed/, /./],
    ['a curve that is spelled out', pemOf(ec('P-256', 'explicit').publicKey), /spelled out/, /./],
    ['the curve secp256k1', pemOf(ec('secp256k1').publicKey), /curve is secp256k1/, /./],
    ['the curve P-224', pemOf(ec('P-224').publicKey), /curve is secp224r1/, /./],
    ['RSA of 1024 bits', pemOf(rsa(1024).publicKey), /1024 bits/, /./],
    ['RSA that is bound to PSS', pemOf(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey), /algorithm is rsa-pss/, /./],
    ['Ed448', pemOf(generateKeyPairSync('ed448').publicKey), /algorithm is ed448/, /./],
    ['X25519', pemOf(generateKeyPairSync('x25519').publicKey), /algorithm is x25519/, /./],
  ]
  for (const [title, pem, problem, hint] of refused) {
    it(`refuses ${title}`, () => {
      const error = refusal(pem)
      expect(error.code).to.equal('KEY_INVALID')
      expect(error.message)
        .to.match(problem)
        .and.match(/^cosign\.pub is not a public key that cosign uses: /)
      expect(error.hint).to.match(hint)
    })
  }

  it('never repeats what is in the file', () => {
    const pem = privatePem('pkcs8')
    const { message, hint, cause } = refusal(pem)
    expect(`${message} ${hint} ${String(cause)}`).to.not.include(pem.split('\n')[1]!)
  })

  it('escapes the name of the file', () => {
    expect(refusal('', 'a\u001b[31m').message).to.include('a\\u001b[31m')
  })

  it('is done at once with much white space', () => {
    for (const space of [' ', '\n', '\t\n', '{ ']) expect(refusal(`${space.repeat(200_000)}x`).code).to.equal('KEY_INVALID')
  })
  it('gives a key or KEY_INVALID for any text, and nothing else', () => {
    const pieces = fc.constantFrom('-----BEGIN ', 'PUBLIC KEY', '-----', '\n', '-----END ', 'PRIVATE', good, 'MFkw', '=', ' ')
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 12 }), parts => {
        const text = parts.join('')
        try {
          publicKeyFromPem(text, 'k')
        } catch (error) {
          expect(error).to.be.instanceOf(PreflightError).with.property('code', 'KEY_INVALID')
        }
      }),
    )
  })

  it('takes what openssl writes', function () {
    let pem: string
    try {
      const key = execFileSync('openssl', ['ecparam', '-name', 'secp384r1', '-genkey', '-noout'], { stdio: ['ignore', 'pipe', 'ignore'] })
      pem = execFileSync('openssl', ['ec', '-pubout'], { input: key, stdio: ['pipe', 'pipe', 'ignore'] }).toString()
    } catch {
      console.log('      skipped: openssl is not here')
      return this.skip()
    }
    expect(publicKeyFromPem(pem, 'k').description).to.equal('ECDSA P-384')
  })
})

describe('publicKeyFromSpki', () => {
  it('gives the same key as the PEM', () => {
    expect(publicKeyFromSpki(spkiOf(p256.publicKey))?.fingerprint).to.equal(publicKeyFromPem(good, 'k').fingerprint)
  })
  it('gives nothing for bytes that are no key', () => {
    expect(publicKeyFromSpki(Buffer.from('x'))).to.equal(undefined)
  })
})
