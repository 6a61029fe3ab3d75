import { expect } from 'chai'
import { parsePurl } from '../../src/predicates/purl.ts'

describe('parsePurl', () => {
  for (const [text, type, namespace, name, version, qualifiers] of [
    ['pkg:npm/lodash@4.17.21', 'npm', '', 'lodash', '4.17.21', {}],
    ['pkg:npm/%40acme/lib@1', 'npm', '@acme', 'lib', '1', {}],
    ['pkg:golang/github.com/acme/lib@v1#sub/path', 'golang', 'github.com/acme', 'lib', 'v1', {}],
    [
      'pkg:OCI/plugin@sha256%3Aab?Repository_URL=ghcr.io/acme%2Fplugin&tag=v1',
      'oci',
      '',
      'plugin',
      'sha256:ab',
      { repository_url: 'ghcr.io/acme/plugin', tag: 'v1' },
    ],
    ['pkg://deb/debian/zlib', 'deb', 'debian', 'zlib', undefined, {}],
    ['pkg:npm/@acme/lib', 'npm', '@acme', 'lib', undefined, {}],
  ] as const) {
    it(`reads ${text}`, () => {
      const purl = parsePurl(text)!
      expect([purl.type, purl.namespace, purl.name, purl.version, Object.fromEntries(purl.qualifiers)]).to.deep.equal([
        type,
        namespace,
        name,
        version,
        qualifiers,
      ])
    })
  }
  it('leaves out qualifiers without a name', () => {
    expect(Object.fromEntries(parsePurl('pkg:npm/a?=b&c&d=e')!.qualifiers)).to.deep.equal({ d: 'e' })
  })

  for (const text of [
    '',
    'npm/lodash',
    'pkg:',
    'pkg:npm',
    'pkg:npm/',
    'pkg:npm//',
    'pkg:npm/%zz',
    'https://example.com/pkg:npm/a',
    'pkg:1npm/a',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(parsePurl(text)).to.equal(undefined)
    })
  }
})
