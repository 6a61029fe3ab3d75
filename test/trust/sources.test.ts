import { expect } from 'chai'
import { parsePolicyFile } from '../../src/policy/policy-file.ts'
import { sourcesOf } from '../../src/trust/sources.ts'
import { document, publicPem } from '../support/policies.ts'

const plugins = [
  { plugin: 'a', image: 'ghcr.io/acme/a:v1' },
  { plugin: 'b', image: 'ghcr.io/acme/b:v1' },
  { plugin: 'c', image: 'quay.io/other/c:v1' },
]
const from = (source: object, glob = 'ghcr.io/acme/**') =>
  parsePolicyFile(document({ images: [{ glob }], authorities: [{ key: { data: publicPem() }, source: [source] }] }), 'p.yaml').policies

describe('sourcesOf', () => {
  it('names the repository of a policy for the plugins that it speaks of, with its Secrets', () => {
    const policies = from({ oci: 'ghcr.io/acme/signatures', tagPrefix: 'x-', signaturePullSecrets: [{ name: 'login' }] })
    expect(sourcesOf(policies, plugins)).to.deep.equal([
      { repository: 'ghcr.io/acme/signatures', tagPrefix: 'x-', pullSecrets: ['login'], plugins: ['a', 'b'] },
    ])
  })

  it('takes a prefix alone for the repository of each image', () => {
    expect(sourcesOf(from({ tagPrefix: 'x-' }), plugins).map(({ repository, plugins: of }) => [repository, of])).to.deep.equal([
      ['ghcr.io/acme/a', ['a']],
      ['ghcr.io/acme/b', ['b']],
    ])
  })

  it('asks also for a policy that speaks of digests, as long as nobody knows what a tag points at', () => {
    const all = sourcesOf(from({ oci: 'ghcr.io/acme/signatures' }, 'ghcr.io/acme/a@sha256:*'), plugins)
    expect(all.map(({ plugins: of }) => of)).to.deep.equal([['a']])
  })

  it('is empty where no policy names one', () => {
    const policies = parsePolicyFile(document({ images: [{ glob: '**' }], authorities: [{ key: { data: publicPem() } }] }), 'p').policies
    expect(sourcesOf(policies, plugins)).to.deep.equal([])
    expect(sourcesOf([{ kind: 'notation', name: 'n', from: 'n', document: {} }], plugins)).to.deep.equal([])
  })

  it('leaves out an image that is no reference', () => {
    expect(sourcesOf(from({ tagPrefix: 'x-' }), [{ plugin: 'a', image: 'No Reference' }])).to.deep.equal([])
  })
})
