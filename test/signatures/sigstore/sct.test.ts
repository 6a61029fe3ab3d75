import { expect } from 'chai'
import { Malformed } from '../../../src/signatures/malformed.ts'
import { loggedBy } from '../../../src/signatures/sigstore/sct.ts'
import { readCertificate } from '../../../src/signatures/sigstore/x509.ts'
import { extension, issue, newKey, times } from '../../support/sigstore/certificates.ts'
import { issueSigner, newDeployment, type SigningOptions } from '../../support/sigstore/deployment.ts'
import { octets } from '../../support/sigstore/der.ts'
import { newLog } from '../../support/sigstore/logs.ts'
import { rootWith } from '../../support/sigstore/trust.ts'

const here = newDeployment()
const logs = rootWith(here).certificateLogs
const issuer = readCertificate(here.intermediate.der)
const look = (sct: SigningOptions['sct'], known = logs, by = issuer) =>
  loggedBy(readCertificate(issueSigner(here, sct === undefined ? {} : { sct }).der), by, known)
const saidOf = (found: ReturnType<typeof look>): string => (found.ok ? found.log.name : found.actual)

describe('loggedBy', () => {
  it('names the log that has seen the certificate', () => {
    expect(saidOf(look(undefined))).to.equal('ct.example')
  })
  it('takes a timestamp with extensions', () => {
    expect(look({ extensions: Buffer.from('abc') }).ok).to.equal(true)
  })
  it('passes over timestamps of unknown logs, where @sigstore/verify gives up', () => {
    expect(look({ others: [newLog('unknown.example')] }).ok).to.equal(true)
  })
  it('takes an RSA log', () => {
    const log = newLog('ct.example', 'RSA')
    const known = rootWith({ ...here, ctLog: log }).certificateLogs
    expect(look({ log, algorithm: [4, 1] }, known).ok).to.equal(true)
  })

  const wrong: readonly [title: string, found: () => ReturnType<typeof look>, actual: RegExp][] = [
    ['a certificate without one', () => look('none'), /without a signed certificate timestamp/],
    ['one of an unknown log', () => look({ log: newLog('ct.example') }), /not in the trusted root/],
    [
      'one that another key signed under the ID of the log',
      () => look({ log: { ...here.ctLog, key: newKey() } }),
      /the key of ct\.example does not verify/,
    ],
    ['one for another issuer', () => look({ issuer: here.root }), /does not verify/],
    ['one that names another hash', () => look({ algorithm: [2, 3] }), /does not verify/],
    ['one that names another algorithm', () => look({ algorithm: [4, 1] }), /does not verify/],
    [
      'one from when the log was not trusted',
      () => look({ time: new Date('2019-01-01T00:00:00Z') }),
      /of 2019-01-01.*, when its log was not trusted/,
    ],
  ]
  for (const [title, found, actual] of wrong) {
    it(`does not count ${title}`, () => {
      expect(saidOf(found())).to.match(actual)
    })
  }
  it('does not count one for another certificate', () => {
    const theirs = readCertificate(issueSigner(here).der).extensions.get('1.3.6.1.4.1.11129.2.4.2')!
    const stolen = issueSigner(here, { sct: 'none', extensions: [extension('1.3.6.1.4.1.11129.2.4.2', theirs.value)] })
    expect(saidOf(loggedBy(readCertificate(stolen.der), issuer, logs))).to.match(/does not verify/)
  })
  it('refuses one of a time beyond all calendars', () => {
    const never = { getTime: () => 2 ** 53 } as Date
    expect(() => look({ time: never })).to.throw(Malformed, /beyond all calendars/)
  })
  for (const [title, bytes] of [
    ['empty', ''],
    ['cut off', '0005'],
    ['with more behind', '000000'],
    ['of another version', `00310 02f01${'00'.repeat(46)}`.replace(' ', '')],
    ['shorter than any', '0003000100'],
  ] as const) {
    it(`refuses a list that is ${title}`, () => {
      const made = issue({
        name: 'x',
        extensions: [extension('1.3.6.1.4.1.11129.2.4.2', octets(Buffer.from(bytes, 'hex')))],
        notBefore: times.signed,
      })
      expect(() => loggedBy(readCertificate(made.der), issuer, logs)).to.throw(Malformed, /certificate timestamp/)
    })
  }
})
