// peers: notation
import { join } from 'node:path'
import { expect } from 'chai'
import { policyText } from '../support/notation.ts'
import { closeAll, startAnother } from '../support/registry-client.ts'
import { tinyImage } from '../support/signed-image.ts'
import { notationCases, root, stranger, tsa } from './notation-cases.ts'
import { type NotationCli, notationCli } from './notation-cli.ts'
import { fetchSignatures, notationOutcomes, verifyExit } from './our-verdict.ts'
import { peer } from './peers.ts'
import { endAll } from './processes.ts'

describe('images, good and tampered with, and real notation', () => {
  let notation: NotationCli
  before(async function () {
    notation = await notationCli(await peer(this, 'notation'), { testKey: false })
    for (const [type, name, certificate] of [
      ['ca', 'acme', root],
      ['ca', 'stranger', stranger],
      ['signingAuthority', 'acme', root],
      ['tsa', 'clock', tsa[1]!],
      ['tsa', 'other', stranger],
    ] as const)
      notation.addTrust(type, name, certificate)
  })
  after(endAll)
  afterEach(closeAll)

  for (const [index, one] of notationCases.entries()) {
    const theirs = one.notation?.accepted ?? one.accepted
    const why = one.notation === undefined ? '' : `, as we do not: ${one.notation.because}`
    it(`${theirs ? 'accepts' : 'rejects'} one ${one.title}${why}`, async () => {
      const registry = await startAnother({ referrers: index % 2 === 0 })
      const image = one.image ?? tinyImage(one.title)
      registry.push('acme/plugin', 'v1', image.pushed)
      for (const artifact of one.hang(image)) registry.push('acme/plugin', undefined, artifact)
      const reference = `${registry.host}/acme/plugin@${image.digest}`
      const policy = policyText(one.policy)
      notation.setPolicy(policy)
      const { code, stderr } = await notation.verify(reference)
      const outcomes = await notationOutcomes(await fetchSignatures(reference), { policy, folder: notation.folder })
      const said = outcomes.map(({ verdict, steps }) => {
        const failed = steps.find(({ action, result }) => action === 'enforced' && result !== 'ok')
        return failed === undefined ? verdict : `${verdict} at ${failed.check}`
      })
      const flags = ['--policy', join(notation.folder, 'trustpolicy.json'), '--trust-store', notation.folder]
      // Of a signer whom nobody trusts nothing is verified, also where a policy only logs that.
      const verified = one.accepted && one.policy?.level !== 'audit'
      expect(await verifyExit(reference, flags), 'verify').to.equal(verified ? 0 : 3)
      expect(said.toSorted()).to.deep.equal(one.outcomes.toSorted())
      expect(code === 0, stderr).to.equal(theirs)
    })
  }
})
