import { expect } from 'chai'
import { correctByVex, type VexImage } from '../../src/predicates/correct-by-vex.ts'
import { readOpenVex } from '../../src/predicates/open-vex.ts'
import type { Vulnerability } from '../../src/predicates/vulnerability.ts'
import { refusal } from '../support/policies.ts'

const hex = 'ab'.repeat(32)
const image: VexImage = { repository: 'ghcr.io/acme/plugin', digests: [`sha256:${hex}`, `sha256:${'cd'.repeat(32)}`] }
const finding: Vulnerability = {
  id: 'CVE-2026-1000',
  aliases: ['GHSA-aaaa-bbbb-cccc'],
  severity: 'critical',
  package: 'zlib@1.3',
  purl: 'pkg:apk/alpine/zlib@1.3?arch=x86_64',
}
const byHash = { hashes: { 'sha-256': hex } }
const vex = (statements: readonly object[], extra: object = {}) => ({
  '@context': 'https://openvex.dev/ns/v0.2.0',
  '@id': 'https://acme.example/vex/1',
  author: 'security@acme.example',
  timestamp: '2026-11-20T10:00:00Z',
  version: 1,
  statements,
  ...extra,
})
const statement = (extra: object = {}) => ({
  vulnerability: { name: 'CVE-2026-1000' },
  products: [byHash],
  status: 'not_affected',
  justification: 'vulnerable_code_not_in_execute_path',
  ...extra,
})
const correct = (statements: readonly object[], ofImage = true, found = finding) =>
  correctByVex([found], [{ vex: readOpenVex(vex(statements)), ofImage }], image)
const removes = (statements: readonly object[], ofImage = true, found = finding): boolean =>
  correct(statements, ofImage, found).remaining.length === 0

describe('correctByVex', () => {
  for (const [status, removed] of [
    ['not_affected', true],
    ['fixed', true],
    ['affected', false],
    ['under_investigation', false],
  ] as const) {
    it(`${removed ? 'takes out' : 'keeps'} what is ${status}`, () => {
      expect(removes([statement({ status })])).to.equal(removed)
    })
  }

  it('says what was taken out, by whom and why', () => {
    expect(correct([statement({ impact_statement: 'zlib is not called' })]).corrections).to.deep.equal([
      {
        vulnerability: finding,
        status: 'not_affected',
        author: 'security@acme.example',
        reason: 'vulnerable_code_not_in_execute_path: zlib is not called',
      },
    ])
  })

  const oci = (rest: string) => [{ '@id': `pkg:oci/plugin${rest}` }]
  const rows: readonly [title: string, products: unknown, removed: boolean][] = [
    ['the digest of the image as a hash', [byHash], true],
    ["the digest of a platform's image", [{ hashes: { 'sha-256': 'CD'.repeat(32) } }], true],
    ['another digest', [{ hashes: { 'sha-256': 'ef'.repeat(32) } }], false],
    ['another kind of hash', [{ '@id': 'x', hashes: { 'sha-512': hex } }], false],
    ['its package URL with the digest', oci(`@sha256%3A${hex}`), true],
    ['its package URL with the digest and repository', oci(`@sha256:${hex}?repository_url=ghcr.io/acme/plugin`), true],
    ['its package URL with the digest in another repository', oci(`@sha256:${hex}?repository_url=ghcr.io/evil/plugin`), false],
    ['its package URL with another digest', oci(`@sha256:${'ef'.repeat(32)}?repository_url=ghcr.io/acme/plugin`), false],
    ['its repository, in every version', oci('?repository_url=ghcr.io/acme/plugin'), true],
    ['another repository', oci('?repository_url=ghcr.io/acme/other'), false],
    ['its last name alone, which many images have', oci(''), false],
    ['another image', [{ '@id': `pkg:oci/other@sha256:${hex}` }], false],
    ['a package URL in identifiers', [{ '@id': 'plugin', identifiers: { purl: `pkg:oci/plugin@sha256:${hex}` } }], true],
    ['an image reference with the digest', [{ '@id': `ghcr.io/acme/plugin@sha256:${hex}` }], true],
    ['an image reference with a tag', [{ '@id': 'ghcr.io/acme/plugin:v1' }], false],
    ['the vulnerable package', [{ '@id': 'pkg:apk/alpine/zlib@1.3' }], true],
    ['the vulnerable package with its qualifiers', [{ '@id': 'pkg:apk/alpine/zlib@1.3?arch=x86_64' }], true],
    ['the vulnerable package in every version', [{ '@id': 'pkg:apk/alpine/zlib' }], true],
    ['the vulnerable package in another version', [{ '@id': 'pkg:apk/alpine/zlib@1.2' }], false],
    ['the vulnerable package for another machine', [{ '@id': 'pkg:apk/alpine/zlib@1.3?arch=aarch64' }], false],
    ['the vulnerable package of another distribution', [{ '@id': 'pkg:deb/alpine/zlib@1.3' }], false],
    ['the image, and in it the vulnerable package', [{ ...byHash, subcomponents: [{ '@id': 'pkg:apk/alpine/zlib@1.3' }] }], true],
    [
      'the image, and in it the vulnerable package among others',
      [{ ...byHash, subcomponents: [{ '@id': 'pkg:apk/alpine/openssl@3' }, { '@id': 'pkg:apk/alpine/zlib@1.3' }] }],
      true,
    ],
    ['a package URL of the digest that is of no image', [{ '@id': `pkg:docker/plugin@sha256:${hex}` }], false],
    ['a package URL of the digest with a namespace', [{ '@id': `pkg:oci/acme/plugin@sha256:${hex}` }], false],
    ['the image, and in it another package', [{ ...byHash, subcomponents: [{ '@id': 'pkg:apk/alpine/openssl@3' }] }], false],
    ['the image, and in it something known by its hash alone', [{ ...byHash, subcomponents: [{ hashes: { 'sha-256': hex } }] }], false],
    [
      'another image, and in it the vulnerable package',
      [{ '@id': 'pkg:oci/other', subcomponents: [{ '@id': 'pkg:apk/alpine/zlib@1.3' }] }],
      false,
    ],
    [
      'the vulnerable package as a product with parts',
      [{ '@id': 'pkg:apk/alpine/zlib@1.3', subcomponents: [{ '@id': 'pkg:apk/alpine/other' }] }],
      false,
    ],
    ['no product', [], false],
    ['one of several products', [{ '@id': 'pkg:oci/other' }, byHash], true],
  ]
  for (const [title, products, removed] of rows) {
    it(`${removed ? 'believes' : 'does not apply'} a statement about ${title}`, () => {
      expect(removes([statement({ products })])).to.equal(removed)
    })
  }

  it('takes a statement without products for one about what it is attested for', () => {
    expect(removes([statement({ products: undefined })], true)).to.equal(true)
    expect(removes([statement({ products: undefined })], false)).to.equal(false)
  })

  for (const [title, vulnerability, removed] of [
    ['by its name', { name: 'CVE-2026-1000' }, true],
    ['in other letter case', { name: 'cve-2026-1000' }, true],
    ['by its address', { '@id': 'https://nvd.nist.gov/vuln/detail/CVE-2026-1000' }, true],
    ['by an alias of the statement', { name: 'ACME-1', aliases: ['CVE-2026-1000'] }, true],
    ['by an alias of the finding', { name: 'GHSA-aaaa-bbbb-cccc' }, true],
    ['by a longer number', { name: 'CVE-2026-10000' }, false],
  ] as const) {
    it(`${removed ? 'knows' : 'does not confuse'} a vulnerability ${title}`, () => {
      expect(removes([statement({ vulnerability })])).to.equal(removed)
    })
  }

  const at = (timestamp: string, status: string) => statement({ timestamp, status })
  for (const [title, statements, removed] of [
    ['the latest statement', [at('2026-11-21T00:00:00Z', 'fixed'), at('2026-11-20T00:00:00Z', 'affected')], true],
    ['the latest, wherever it stands', [at('2026-11-20T00:00:00Z', 'fixed'), at('2026-11-21T00:00:00Z', 'affected')], false],
    ['the worse of the same time', [at('2026-11-20T00:00:00Z', 'fixed'), at('2026-11-20T00:00:00Z', 'under_investigation')], false],
    ["the document's time where a statement has none", [statement({ status: 'affected' }), at('2026-11-21T00:00:00Z', 'fixed')], true],
  ] as const) {
    it(`lets ${title} decide`, () => {
      expect(removes(statements)).to.equal(removed)
    })
  }

  it('leaves findings without a package URL to statements about the whole image', () => {
    const { purl: _, ...bare } = finding
    expect(removes([statement()], true, bare)).to.equal(true)
    expect(removes([statement({ products: [{ '@id': 'pkg:apk/alpine/zlib@1.3' }] })], true, bare)).to.equal(false)
  })
})

describe('readOpenVex', () => {
  it('reads documents of 0.0.1', () => {
    const old = vex(
      [
        {
          vulnerability: 'CVE-2026-1000',
          products: [`pkg:oci/plugin@sha256:${hex}`],
          subcomponents: ['pkg:apk/alpine/zlib@1.3'],
          status: 'fixed',
        },
      ],
      {
        '@context': 'https://openvex.dev/ns',
      },
    )
    expect(correctByVex([finding], [{ vex: readOpenVex(old), ofImage: false }], image).corrections).to.have.length(1)
  })

  it('takes the times of statements where the document has none', () => {
    const own = vex([statement({ timestamp: '2026-11-21T00:00:00+02:00' })], { timestamp: undefined })
    expect(readOpenVex(own).statements[0]!.at).to.deep.equal(new Date('2026-11-20T22:00:00Z'))
  })

  for (const [title, document] of [
    ['nothing', undefined],
    ['another context', vex([], { '@context': 'https://cyclonedx.org' })],
    ['no author', vex([], { author: '' })],
    ['no time', vex([statement()], { timestamp: undefined })],
    ['no statements', vex([], { statements: undefined })],
    ['an unknown status', vex([statement({ status: 'safe' })])],
    ['not_affected without a reason', vex([statement({ justification: undefined })])],
    ['a vulnerability without name', vex([statement({ vulnerability: {} })])],
    ['a product without name', vex([statement({ products: [{}] })])],
    ['products that are no list', vex([statement({ products: 'all' })])],
    ['a time that is none', vex([statement({ timestamp: 'now' })])],
  ] as const) {
    it(`refuses ${title}`, () => {
      expect(refusal(() => readOpenVex(document)).code).to.equal('PREDICATE_INVALID')
    })
  }
})
