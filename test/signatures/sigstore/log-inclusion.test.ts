import { createHash, createPublicKey } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import type { SealedLogEntry } from '../../../src/signatures/log-entry.ts'
import { Malformed } from '../../../src/signatures/malformed.ts'
import { parseCheckpoint } from '../../../src/signatures/sigstore/checkpoint.ts'
import { type Inclusion, inclusionOf } from '../../../src/signatures/sigstore/log-inclusion.ts'
import { leafHash, rootOf } from '../../../src/signatures/sigstore/merkle.ts'
import { newKey, times } from '../../support/sigstore/certificates.ts'
import { newDeployment, type TrustedRootJson } from '../../support/sigstore/deployment.ts'
import { checkpointOf, newLog, noteIdOf, pathOf, promiseOf, proofOf, treeHash } from '../../support/sigstore/logs.ts'
import { rootWith } from '../../support/sigstore/trust.ts'

const here = newDeployment()
const { logs } = rootWith(here)
const body = Buffer.from('{"apiVersion":"0.0.1","kind":"hashedrekord"}')
const seconds = times.signed.getTime() / 1000

const proof = (log = here.rekor, options: Parameters<typeof proofOf>[2] = { origin: `${log.host} - 7` }): SealedLogEntry['proof'] => {
  const made = proofOf(log, body, options)
  return {
    logIndex: made.logIndex,
    treeSize: made.treeSize,
    hashes: made.hashes.map(hash => Buffer.from(hash, 'base64')),
    rootHash: Buffer.from(made.rootHash, 'base64'),
    checkpoint: made.checkpoint.envelope,
  }
}
const entry: SealedLogEntry = {
  kind: 'hashedrekord',
  version: '0.0.1',
  body,
  logId: here.rekor.id,
  logIndex: '1007',
  integratedTime: `${seconds}`,
  promise: promiseOf(here.rekor, body, seconds, 1007),
  proof: proof(),
}
const entry2: SealedLogEntry = {
  ...entry,
  logId: here.rekor2.id,
  integratedTime: undefined,
  promise: undefined,
  proof: proof(here.rekor2, {}),
}
const said = (found: Inclusion): string => (found.state === 'failed' ? `${found.expected} → ${found.actual}` : found.state)
const until = (end: string) =>
  rootWith(here, (json: TrustedRootJson) => ({
    ...json,
    tlogs: json.tlogs.map(log => ({ ...log, publicKey: { ...log.publicKey, validFor: { ...log.publicKey.validFor, end } } })),
  })).logs

describe('inclusionOf', () => {
  it('proves by promise and proof, with the time that the log signed', () => {
    const found = inclusionOf(entry, logs, [])
    expect(found).to.deep.include({ state: 'proven', time: times.signed, by: 'its promise and a proof of inclusion' })
  })
  it('proves by either alone, but no time by the proof', () => {
    expect(inclusionOf({ ...entry, proof: undefined }, logs, [])).to.deep.include({ state: 'proven', time: times.signed })
    expect(inclusionOf({ ...entry, promise: undefined }, logs, [])).to.deep.include({ state: 'proven', time: undefined })
    expect(inclusionOf(entry2, logs, [])).to.deep.include({ state: 'proven', time: undefined })
  })
  it('knows nothing of other logs', () => {
    expect(inclusionOf({ ...entry, logId: newLog('x').id }, logs, []).state).to.equal('unknown')
    const alike = Buffer.concat([here.rekor.id.subarray(0, 4), Buffer.alloc(28)])
    expect(inclusionOf({ ...entry, logId: alike }, logs, []).state).to.equal('unknown')
  })

  const wrong: readonly [title: string, entry: SealedLogEntry, failure: RegExp][] = [
    ['an entry with neither', { ...entry, promise: undefined, proof: undefined }, /→ an entry with neither/],
    ['a promise for another time', { ...entry, integratedTime: `${seconds + 1}` }, /a promise that the key of rekor\.example verifies →/],
    ['a promise for another place', { ...entry, logIndex: '1008' }, /a promise that the key/],
    ['a promise for another body', { ...entry, body: Buffer.from('{}') }, /a promise that the key/],
    ['a promise of another log', { ...entry, promise: promiseOf(newLog('x'), body, seconds, 1007) }, /a promise that the key/],
    [
      'a time beyond all calendars',
      { ...entry, integratedTime: '9007199254740991', promise: promiseOf(here.rekor, body, 9007199254740991, 1007) },
      /a time that rekor\.example signed → 9007199254740991 seconds/,
    ],
    ['a promise without a time', { ...entry, integratedTime: undefined }, /→ a promise without a time/],
    ['a proof of another body', { ...entry2, body: Buffer.from('{}') }, /→ a proof that does not lead/],
    ['a proof at another place', { ...entry2, proof: { ...entry2.proof!, logIndex: '2' } }, /→ a proof that does not lead/],
    ['a proof that is too short', { ...entry2, proof: { ...entry2.proof!, hashes: entry2.proof!.hashes.slice(1) } }, /does not lead/],
    ['a proof for a larger tree', { ...entry2, proof: { ...entry2.proof!, treeSize: '6' } }, /→ a proof for another tree/],
    ['another root', { ...entry2, proof: { ...entry2.proof!, rootHash: Buffer.alloc(32) } }, /→ a proof for another tree/],
    [
      'a checkpoint of another key',
      { ...entry2, proof: proof(here.rekor2, { signer: newKey('Ed25519') }) },
      /one of log2026.* that it did not sign/,
    ],
    ['a checkpoint under another hint', { ...entry2, proof: proof(here.rekor2, { hint: Buffer.alloc(4) }) }, /did not sign/],
    ['a checkpoint under a name of another', { ...entry2, proof: proof(here.rekor2, { name: 'witness.example' }) }, /did not sign/],
    [
      'a checkpoint of another log under this origin',
      { ...entry2, proof: proof(here.rekor, { origin: here.rekor2.host }) },
      /did not sign/,
    ],
  ]
  for (const [title, made, failure] of wrong) {
    it(`rejects ${title}`, () => {
      expect(said(inclusionOf(made, logs, []))).to.match(failure)
    })
  }

  describe('of Rekor 2', () => {
    const tiled = (options: Parameters<typeof proof>[1] = {}) => ({
      ...entry2,
      version: '0.0.2',
      logIndex: '3',
      proof: proof(here.rekor2, options),
    })
    const at = (baseUrl: string) =>
      rootWith(here, json => ({
        ...json,
        tlogs: json.tlogs.map(log => ({ ...log, baseUrl: log === json.tlogs[1] ? baseUrl : log.baseUrl })),
      })).logs
    it('asks the checkpoint to be of the address of the log', () => {
      expect(inclusionOf(tiled(), logs, []).state).to.equal('proven')
      const hint = here.rekor2.id.subarray(0, 4)
      for (const name of ['log2025.rekor.example', 'rekor.example', 'log2026.rekor.example - 7', 'LOG2026.rekor.example'])
        expect(said(inclusionOf(tiled({ origin: name, name: name.split(' ')[0]!, hint }), logs, [])), name).to.match(/that it did not sign/)
    })
    it('takes the host alone too, and the whole address', () => {
      for (const baseUrl of ['http://log2026.rekor.example:3003', 'https://log2026.rekor.example/api/', 'https://log2026.rekor.example/'])
        expect(inclusionOf(tiled(), at(baseUrl), []).state, baseUrl).to.equal('proven')
      const name = 'log2026.rekor.example/shard'
      const hint = noteIdOf(name, here.rekor2.key).subarray(0, 4)
      const shard = tiled({ origin: name, name, hint })
      expect(inclusionOf(shard, at(`https://${name}`), []).state).to.equal('proven')
      expect(inclusionOf(shard, at('https://log2026.rekor.example'), []).state).to.equal('failed')
    })
    it('takes another name where the ID of the log in the trusted root is made of it', () => {
      const named = newLog('rekor', 'Ed25519')
      const root = rootWith({ ...here, rekor2: named }, json => ({
        ...json,
        tlogs: json.tlogs.map((log, index) => (index === 1 ? { ...log, baseUrl: 'https://proxy.example' } : log)),
      })).logs
      const made = (origin: string) => ({
        ...tiled(),
        logId: named.id,
        proof: proof(named, { origin, name: origin, hint: noteIdOf(origin, named.key).subarray(0, 4) }),
      })
      expect(inclusionOf(made('rekor'), root, []).state).to.equal('proven')
      expect(said(inclusionOf(made('rekor.example'), root, []))).to.match(/that it did not sign/)
    })
    it('asks for a proof, whatever was promised', () => {
      const promised = { ...tiled(), proof: undefined, integratedTime: `${seconds}`, promise: promiseOf(here.rekor2, body, seconds, 3) }
      expect(said(inclusionOf(promised, logs, []))).to.match(/a proof of log2026\.rekor\.example, which promises nothing → none/)
    })
    it('asks the place of the entry to be that of the proof, for which Rekor 1 counts otherwise', () => {
      expect(said(inclusionOf({ ...tiled(), logIndex: '2' }, logs, []))).to.match(/the entry at 2 of log2026\.rekor\.example → .* at 3/)
      expect(inclusionOf({ ...tiled(), kind: 'intoto', logIndex: '2' }, logs, []).state, 'intoto 0.0.2 is of Rekor 1').to.equal('proven')
    })
  })

  it('rejects an entry that the log took before or after it was trusted', () => {
    expect(said(inclusionOf(entry, until('2026-01-01T00:04:59Z'), []))).to.match(
      /rekor\.example when it was trusted .* → 2026-01-01T00:05:00/,
    )
    expect(inclusionOf(entry, until('2026-01-01T00:05:00Z'), []).state, 'the end belongs to it').to.equal('proven')
  })
  it('asks a log that tells no time to have been trusted when the timestamps are', () => {
    const ended = until('2026-01-01T00:05:00Z')
    expect(inclusionOf(entry2, ended, [times.signed]).state).to.equal('proven')
    expect(said(inclusionOf(entry2, ended, [new Date('2026-01-01T00:05:01Z')]))).to.match(/when it was trusted/)
    expect(said(inclusionOf(entry2, ended, []))).to.match(/a proof of when it was signed: .* → none/)
  })

  it('knows a log with an RSA key by the name in its checkpoints', () => {
    const log = newLog('rsa.example', 'RSA')
    const rsa = rootWith({ ...here, rekor2: log }).logs
    const spki = createPublicKey(log.key).export({ type: 'spki', format: 'der' })
    const hint = createHash('sha256')
      .update('rsa.example\n')
      .update(Buffer.from([0xff]))
      .update('PKIX-RSA-PKCS#1v1.5')
      .update(spki)
      .digest()
    const made = { ...entry2, logId: log.id, proof: proof(log, { hint: hint.subarray(0, 4) }) }
    expect(inclusionOf(made, rsa, []).state).to.equal('proven')
  })

  describe('finds the log', () => {
    const renamed = (change: (log: TrustedRootJson['tlogs'][number]) => object) =>
      rootWith(here, json => ({
        ...json,
        mediaType: 'application/vnd.dev.sigstore.trustedroot.v0.2+json',
        tlogs: json.tlogs.map(change),
      })).logs
    const short = (log: TrustedRootJson['tlogs'][number]) => ({
      keyId: Buffer.from(log.logId.keyId, 'base64').subarray(0, 4).toString('base64'),
    })
    const written: readonly [title: string, change: Parameters<typeof renamed>[0]][] = [
      ['by the short checkpointKeyId beside the ID, which blinds the library', log => ({ ...log, checkpointKeyId: short(log) })],
      ['by the short checkpointKeyId alone', ({ logId: _, ...log }) => ({ ...log, checkpointKeyId: short({ ...log, logId: _ }) })],
      ['by its key alone', ({ logId: _, ...log }) => log],
      ['without an address', ({ baseUrl: _, ...log }) => log],
    ]
    for (const [title, change] of written) {
      it(title, () => {
        const root = renamed(change)
        expect(inclusionOf(entry, root, []).state, 'Rekor 1').to.equal('proven')
        expect(inclusionOf(entry2, root, []).state, 'Rekor 2').to.equal('proven')
      })
    }
  })
})

describe('parseCheckpoint', () => {
  const text = checkpointOf(here.rekor2, 5, Buffer.alloc(32, 1), { more: ['— witness.example AAAAAAAA'] })
  it('reads origin, size, root and every signature', () => {
    const { origin, treeSize, rootHash, signatures } = parseCheckpoint(text)
    expect([origin, treeSize, rootHash]).to.deep.equal(['log2026.rekor.example', '5', Buffer.alloc(32, 1)])
    expect(signatures.map(({ name }) => name)).to.deep.equal(['log2026.rekor.example', 'witness.example'])
  })
  for (const [title, note] of [
    ['no origin', text.replace(/^.*\n/, '')],
    ['no size', text.replace('\n5\n', '\n')],
    ['a size that is no number', text.replace('\n5\n', '\n0x5\n')],
    ['no root', text.replace(/\n5\n.*\n/, '\n5\n')],
    ['a short root', text.replace(/\n5\n.*\n/, '\n5\nAAAA\n')],
    ['no signature', text.replace(/\n\n[\s\S]*$/, '\n\n')],
    ['no empty line', text.replace('\n\n', '\n')],
    ['a line that is no signature', text.replace('— witness.example ', '')],
    ['no last line break', text.slice(0, -1)],
    ['a signature that is too short', text.replace('AAAAAAAA', 'AAAA')],
    ['too many signatures', text + '— witness.example AAAAAAAA\n'.repeat(64)],
    ['more than is read', `${text}${'x'.repeat(70_000)}`],
    ['nothing', ''],
  ] as const) {
    it(`refuses one with ${title}`, () => {
      expect(() => parseCheckpoint(note)).to.throw(Malformed, /checkpoint/)
    })
  }
})

describe('rootOf', () => {
  const leaves = Array.from({ length: 40 }, (_, i) => Buffer.from(`leaf ${i}`))
  it('leads from every leaf of every tree to its root, and to no other', () => {
    for (let size = 1; size <= leaves.length; size++) {
      const tree = leaves.slice(0, size)
      for (let index = 0; index < size; index++) {
        const path = pathOf(index, tree)
        const root = rootOf(leafHash(leaves[index]!), BigInt(index), BigInt(size), path)
        expect(root?.equals(treeHash(tree)), `${index} of ${size}`).to.equal(true)
        expect(rootOf(leafHash(leaves[index]!), BigInt(index), BigInt(size), [...path, Buffer.alloc(32)])).to.equal(undefined)
        if (path.length > 0) expect(rootOf(leafHash(leaves[index]!), BigInt(index), BigInt(size), path.slice(1))).to.equal(undefined)
      }
    }
  })
  it('never leads from another place to the same root', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(39), fc.nat(60), (size, from, other) => {
        const index = from % size
        if (other === index) return
        const tree = leaves.slice(0, size)
        const root = rootOf(leafHash(leaves[index]!), BigInt(other), BigInt(size), pathOf(index, tree))
        expect(root?.equals(treeHash(tree))).to.not.equal(true)
      }),
    )
  })
  it('refuses what is outside of the tree, and hashes of another length', () => {
    expect(rootOf(leafHash(leaves[0]!), 1n, 1n, [])).to.equal(undefined)
    expect(rootOf(leafHash(leaves[0]!), 0n, 0n, [])).to.equal(undefined)
    expect(rootOf(leafHash(leaves[0]!), 0n, 2n, [Buffer.alloc(31)])).to.equal(undefined)
  })
})
