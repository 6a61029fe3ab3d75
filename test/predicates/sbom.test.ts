import { expect } from 'chai'
import { readSbom } from '../../src/predicates/sbom.ts'
import { refusal } from '../support/policies.ts'

const spdx = (extra: object = {}) => ({
  spdxVersion: 'SPDX-2.3',
  SPDXID: 'SPDXRef-DOCUMENT',
  packages: [{ name: 'a' }, { name: 'b' }],
  ...extra,
})
const cyclonedx = (extra: object = {}) => ({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ name: 'a' }], ...extra })
const tags = `# made by hand

SPDXVersion: SPDX-2.2
DataLicense: CC0-1.0
PackageName: a
PackageComment: <text>
PackageName: not one
</text>
PackageName: b
`

describe('readSbom', () => {
  for (const [title, predicate, format, version, encoding, components] of [
    ['SPDX in JSON', spdx(), 'SPDX', '2.3', 'json', 2],
    ['SPDX without packages', spdx({ packages: undefined }), 'SPDX', '2.3', 'json', 0],
    ['SPDX in JSON as a text', JSON.stringify(spdx()), 'SPDX', '2.3', 'json', 2],
    ['SPDX tag-value', tags, 'SPDX', '2.2', 'tag-value', 2],
    ['SPDX tag-value with CRLF', tags.replaceAll('\n', '\r\n'), 'SPDX', '2.2', 'tag-value', 2],
    [
      'SPDX 3',
      { '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': [{ type: 'SpdxDocument' }, { type: 'software_Package' }] },
      'SPDX',
      '3.0.1',
      'json',
      1,
    ],
    ['CycloneDX', cyclonedx(), 'CycloneDX', '1.6', 'json', 1],
    [
      'CycloneDX with components in components',
      cyclonedx({ components: [{ name: 'a', components: [{ name: 'b' }, { name: 'c' }] }] }),
      'CycloneDX',
      '1.6',
      'json',
      3,
    ],
    ['CycloneDX without components', cyclonedx({ components: undefined }), 'CycloneDX', '1.6', 'json', 0],
  ] as const) {
    it(`knows ${title}`, () => {
      expect(readSbom(predicate)).to.deep.equal({ format, version, encoding, components })
    })
  }

  const deep = (levels: number): object => (levels === 0 ? { name: 'a' } : { name: 'a', components: [deep(levels - 1)] })
  for (const [title, predicate] of [
    ['nothing', undefined],
    ['a number', 5],
    ['a list', []],
    ['an empty object', {}],
    ['an empty text', ''],
    ['prose', 'PackageName: a'],
    ['CycloneDX in XML', '<bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>'],
    ['a text with a list', '[]'],
    ['a text in a text', JSON.stringify(JSON.stringify(spdx()))],
    ['SPDX of a strange version', spdx({ spdxVersion: '2.3' })],
    ['SPDX without its own name', spdx({ SPDXID: 'SPDXRef-x' })],
    ['SPDX with packages that are none', spdx({ packages: ['a'] })],
    ['SPDX 3 without document', { '@context': 'https://spdx.org/rdf/3.0.1/x', '@graph': [] }],
    ['tag-value of a strange version', 'SPDXVersion: 2\n'],
    ['tag-value with a text without end', 'SPDXVersion: SPDX-2.3\nPackageComment: <text>\n'],
    ['CycloneDX without version', cyclonedx({ specVersion: undefined })],
    ['CycloneDX of a strange version', cyclonedx({ specVersion: '2.0' })],
    ['CycloneDX with a component without name', cyclonedx({ components: [{}] })],
    ['CycloneDX with components that are no list', cyclonedx({ components: {} })],
    [
      'CycloneDX with too many components',
      cyclonedx({ components: [0, 1].map(() => ({ name: 'a', components: Array.from({ length: 100_000 }, () => ({ name: 'b' })) })) }),
    ],
    ['CycloneDX nested too deep', cyclonedx({ components: [deep(60)] })],
  ] as const) {
    it(`refuses ${title}`, () => {
      expect(refusal(() => readSbom(predicate)).code).to.equal('PREDICATE_INVALID')
    })
  }

  it('counts tags in linear time, in text that is hostile', () => {
    expect(readSbom(`SPDXVersion: SPDX-2.3\n${'PackageName: a\n'.repeat(100_000)}`).components).to.equal(100_000)
    expect(refusal(() => readSbom(`${'\n'.repeat(1_000_000)}x`)).code).to.equal('PREDICATE_INVALID')
    expect(refusal(() => readSbom(' '.repeat(1_000_000))).code).to.equal('PREDICATE_INVALID')
    for (const start of ['', 'A:', 'A:x']) expect(readSbom(`SPDXVersion: SPDX-2.3\n${start}${' '.repeat(300_000)}x`).components).to.equal(0)
  })
})
