import { expect } from 'chai'
import fc from 'fast-check'
import { compileGlob, type ImageGlob } from '../../src/policy/glob.ts'

const globOf = (text: string): ImageGlob => {
  const glob = compileGlob(text)
  if ('fault' in glob) throw new Error(glob.fault)
  return glob
}
const digest = `sha256:${'5504f2a9'.repeat(8)}`

describe('image globs, as policy-controller matches them', () => {
  const rows: readonly [image: string, glob: string, matches: boolean][] = [
    // Docker Hub: what is short is made long
    ['velero', 'index.docker.io/library/velero:latest', true],
    ['velero', 'index.docker.io/library/velero:*', true],
    ['velero', 'index.docker.io/library/*', true],
    ['velero', 'index.docker.io/*/*', true],
    ['velero', 'index.docker.io/*', false],
    ['velero', 'index.docker.io/**', true],
    ['velero', 'docker.io/**', false],
    ['docker.io/velero/velero', 'index.docker.io/velero/*', true],
    ['docker.io/velero/velero', 'docker.io/velero/*', true],
    ['docker.io/velero/velero:v1', 'docker.io/velero/velero', false],
    ['acme/plugin', 'index.docker.io/acme/plugin:latest', true],
    ['acme/plugin:v1', 'index.docker.io/acme/plugin:v*', true],
    ['acme/plugin:v1', 'index.docker.io/acme/plugin', false],
    // what was written is tried, too
    ['velero', 'velero', true],
    ['velero', 'vel*', true],
    ['velero', 'velero*', true],
    ['velero:v1', 'velero', false],
    ['acme/plugin', 'acme/plugin', true],
    ['acme/plugin', 'acme/*', true],
    // the two globs that mean something else
    ['velero', '*', true],
    ['acme/plugin', '*', false],
    ['acme/plugin', '*/*', true],
    ['velero', '*/*', true],
    ['ghcr.io/acme/plugin', '*/*', false],
    ['ghcr.io/acme/plugin', '*/*/*', true],
    // * stops at /, ** does not, : is no border
    ['ghcr.io/acme/plugin', 'ghcr.io/*', false],
    ['ghcr.io/acme/plugin', 'ghcr.io/*/*', true],
    ['ghcr.io/acme/plugin', 'ghcr.io/**', true],
    ['ghcr.io/acme/team/plugin', 'ghcr.io/acme/*', false],
    ['ghcr.io/acme/team/plugin', 'ghcr.io/acme/**', true],
    ['ghcr.io/acme', 'ghcr.io/*/*', false],
    ['ghcr.io/acme/plugin:v1', 'ghcr.io/acme/plugin*', true],
    ['ghcr.io/acme/plugin:v1', 'ghcr.io/acme/plugin:**', true],
    // policy-controller resolves tags before it compares
    ['ghcr.io/acme/plugin:v1', 'ghcr.io/acme/plugin@**', true],
    ['ghcr.io/acme/plugin:v1', 'ghcr.io/acme/plugin@sha256:*', true],
    ['ghcr.io/acme/plugin:v1', `ghcr.io/acme/plugin@${digest}`, true],
    ['ghcr.io/acme/plugin:v1', `ghcr.io/acme/plugin@${digest.replace('5', '6')}`, false],
    ['ghcr.io/acme/plugin:v1', `ghcr.io/acme/plugin:v1@${digest}`, false],
    ['ghcr.io/acme/plugin', '**@sha256:*', true],
    ['ghcr.io/acme/plugin-evil:v1', 'ghcr.io/acme/plugin@**', false],
    ['velero:v1', `index.docker.io/library/velero@${digest}`, true],
    ['localhost:5000/plugin', `localhost:5000/plugin@${digest}`, true],
    ['ghcr.io/acme/plugin-evil:v1', 'ghcr.io/acme/plugin*', true],
    ['ghcr.io/acme/plugin-evil:v1', 'ghcr.io/acme/plugin:**', false],
    ['ghcr.io/acme/plugin', '**', true],
    ['ghcr.io/acme/plugin', '***', true],
    ['ghcr.io/acme/plugin', '**/plugin:latest', true],
    ['ghcr.io/acme/plugin', '**/plugin', true],
    // from the first character to the last
    ['prefix-ghcr.io/acme', 'ghcr.io/acme', false],
    ['ghcr.io/acme-suffix', 'ghcr.io/acme', false],
    ['ghcrxio/acme', 'ghcr.io/**', false],
    ['ghcr.io.evil.example/acme/plugin', 'ghcr.io/**', false],
    ['evil.example/ghcr.io/acme/plugin', 'ghcr.io/**', false],
    // digests: the tag beside one is dropped
    [`ghcr.io/acme/plugin@${digest}`, `ghcr.io/acme/plugin@${digest}`, true],
    [`ghcr.io/acme/plugin@${digest}`, 'ghcr.io/acme/plugin@**', true],
    [`ghcr.io/acme/plugin@${digest}`, 'ghcr.io/acme/plugin:**', false],
    [`ghcr.io/acme/plugin:v1@${digest}`, 'ghcr.io/acme/plugin@**', true],
    [`ghcr.io/acme/plugin:v1@${digest}`, 'ghcr.io/acme/plugin:v1**', true],
    // registries with a port, and local ones
    ['localhost:5000/plugin', 'localhost:5000/*', true],
    ['localhost/plugin', 'localhost/*', true],
    ['registry.example.com:5000/a/b:v1', 'registry.example.com:*/**', true],
    ['registry.example.com:5000/a/b:v1', 'registry.example.com/**', false],
  ]
  for (const [image, glob, matches] of rows) {
    it(`${glob} ${matches ? 'matches' : 'does not match'} ${image}`, () => {
      expect(globOf(glob).matches(image, digest)).to.equal(matches)
    })
  }

  for (const image of ['invalid&name', '', 'ghcr.io/Acme/plugin', `a@${digest}@${digest}`, 'a@sha512:00', 'a:', 'a/b:c:d', 'ghcr.io/']) {
    it(`knows nothing of "${image}", which is no reference to policy-controller`, () => {
      expect(globOf('**').matches(image, digest)).to.equal(undefined)
      expect(globOf('a').mayMatch(image)).to.equal(true)
    })
  }

  const other = `sha256:${'ab'.repeat(32)}`
  const unpinned: readonly [image: string, glob: string, may: boolean][] = [
    ['ghcr.io/acme/plugin:v1', 'ghcr.io/acme/plugin@**', true],
    ['ghcr.io/acme/plugin:v1', `ghcr.io/acme/plugin@${other}`, true],
    ['ghcr.io/acme/plugin:v1', '**@sha256:*', true],
    ['ghcr.io/acme/plugin:v1', 'ghcr.io/acme/plugin:v1', true],
    ['acme/plugin', 'acme/plugin', true],
    ['ghcr.io/acme/plugin:v1', 'ghcr.io/acme/plugin:v2', false],
    ['ghcr.io/acme/plugin:v1', `ghcr.io/acme/other@${other}`, false],
  ]
  for (const [image, glob, may] of unpinned) {
    it(`${glob} ${may ? 'may match' : 'cannot match'} ${image}, whatever that points at`, () => {
      expect(globOf(glob).mayMatch(image)).to.equal(may)
    })
  }

  for (const glob of ['.+', '[a-z]*', 'a?b', 'a b', '', 'a\nb', '(a)', 'a|b', 'é*', '^a$', 'a{1}', '*'.repeat(2000)]) {
    it(`refuses ${JSON.stringify(glob.slice(0, 20))}`, () => {
      expect(compileGlob(glob)).to.have.property('fault')
    })
  }

  it('takes no more time for a pattern of many stars than their number times the length', () => {
    const stars = globOf(`${'**a'.repeat(300)}b`)
    expect(stars.matches(`ghcr.io/${'a'.repeat(240)}`, digest)).to.equal(false)
  })

  it('is what the same pattern is as an anchored regular expression', () => {
    const part = fc.constantFrom('*', '**', '/', 'a', 'b', '.', ':', '-')
    const name = fc
      .array(fc.constantFrom('a', 'b', '/', '-', '.'), { minLength: 1, maxLength: 12 })
      .map(letters => `ghcr.io/${letters.join('')}`)
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 10 }), name, (parts, image) => {
        const text = `ghcr.io/${parts.join('')}`
        const source = text.replaceAll('.', '\\.').replaceAll('**', '#').replaceAll('*', '[^/]*').replaceAll('#', '.*')
        const pattern = new RegExp(`^${source}$`, 's')
        const full = `${image}:latest`
        const names = [full, image, `${image}@${digest}`]
        expect(globOf(text).matches(image, digest)).to.equal(names.some(name => pattern.test(name)))
      }),
      { numRuns: 300 },
    )
  })
})
