import { expect } from 'chai'
import fc from 'fast-check'
import { PreflightError } from '../../src/errors.ts'
import { isLocalReference, parseLocalReference } from '../../src/oci/transport.ts'

const digest = `sha256:${'a'.repeat(64)}`

describe('references to folders and archives', () => {
  for (const [text, expected] of [
    ['oci:dist', { transport: 'oci', path: 'dist' }],
    ['oci:./dist/plugin:v1', { transport: 'oci', path: './dist/plugin', name: 'v1' }],
    ['oci:/a b/c:registry.example.com:5000/acme/x:v1', { transport: 'oci', path: '/a b/c', name: 'registry.example.com:5000/acme/x:v1' }],
    [`oci:dist@${digest}`, { transport: 'oci', path: 'dist', digest }],
    [`oci-archive:x.tar@${digest}`, { transport: 'oci-archive', path: 'x.tar', digest }],
    // a name may look like a digest; skopeo gives such
    [`oci:dist:acme/x@${digest}`, { transport: 'oci', path: 'dist', name: `acme/x@${digest}` }],
    ['oci:dist@home', { transport: 'oci', path: 'dist@home' }],
    ['oci:dist:@0', { transport: 'oci', path: 'dist', number: 0 }],
    ['oci-archive:plugin.tar.gz:v1', { transport: 'oci-archive', path: 'plugin.tar.gz', name: 'v1' }],
    ['docker-archive:plugin.tar', { transport: 'docker-archive', path: 'plugin.tar' }],
    ['docker-archive:plugin.tar:acme/plugin:v1', { transport: 'docker-archive', path: 'plugin.tar', name: 'acme/plugin:v1' }],
    ['docker-archive:plugin.tar:@12', { transport: 'docker-archive', path: 'plugin.tar', number: 12 }],
  ] as const)
    it(`reads ${text.slice(0, 60)}`, () => {
      expect(parseLocalReference(text)).to.deep.equal({ ...expected, text })
    })

  for (const [text, words] of [
    ['oci:', 'the path is missing'],
    ['oci::v1', 'the path is missing'],
    ['oci:dist:', 'nothing follows the colon'],
    ['oci:dist@sha256:abc', '"sha256:abc" is not a digest'],
    ['oci:dist:-v1', 'not a name that a layout gives'],
    ['oci:dist:v 1', 'not a name that a layout gives'],
    ['oci:dist:@one', 'neither a number nor a digest'],
    ['oci:dist:@9999999', 'neither a number nor a digest'],
    ['docker-archive:x.tar:Acme/X', 'is not an image reference'],
    [`docker-archive:x.tar:acme/x@${digest}`, 'names and no digests'],
    ['oci:a\0b', 'it is no path'],
    ['docker://registry.example.com/a', 'does not begin with'],
  ] as const)
    it(`refuses ${JSON.stringify(text).slice(0, 60)}: ${words}`, () => {
      expect(() => parseLocalReference(text))
        .to.throw(PreflightError, words)
        .with.property('code', 'REFERENCE_INVALID')
    })

  it('takes neither an address with a scheme nor a registry for a folder', () => {
    for (const text of ['oci://registry/x', 'oci-x:y', 'registry.example.com/oci:v1', 'OCI:dist', 'docker-daemon:x:v1', 'dir:x', ''])
      expect(isLocalReference(text), text).to.equal(false)
  })

  it('answers every text with a reference or REFERENCE_INVALID', () => {
    fc.assert(
      fc.property(fc.constantFrom('oci:', 'oci-archive:', 'docker-archive:'), fc.string({ unit: 'binary' }), (transport, rest) => {
        const text = transport + rest
        try {
          const reference = parseLocalReference(text)
          expect(reference.path).to.not.equal('')
          expect(reference.path).to.not.include('\0')
          expect(text.startsWith(transport + reference.path)).to.equal(true)
        } catch (error) {
          expect(error).to.be.instanceOf(PreflightError).with.property('code', 'REFERENCE_INVALID')
        }
      }),
    )
  })
})
