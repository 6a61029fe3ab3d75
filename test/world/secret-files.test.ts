import { join } from 'node:path'
import { expect } from 'chai'
import { type ErrorCode, PreflightError } from '../../src/errors.ts'
import { readSecrets } from '../../src/world/secret-files.ts'
import { removeFolders, tempFolder } from '../support/temp-folder.ts'

const manifest = (name: string, namespace?: string, value = 'v') =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}${namespace === undefined ? '' : `, namespace: ${namespace}`}}\nstringData: {k: ${value}}\n`

const failure = async (...paths: readonly string[]): Promise<PreflightError> => {
  const thrown: unknown = await readSecrets(paths).catch(error => error)
  if (thrown instanceof PreflightError) return thrown
  throw new Error(`no PreflightError but ${thrown}`)
}

describe('--secrets', () => {
  afterEach(removeFolders)

  it('reads files, and of folders YAML and JSON in the order of their names', async () => {
    const folder = await tempFolder({
      'b.yaml': manifest('b'),
      'a.yml': manifest('a'),
      'c.json': '{"kind": "Secret", "metadata": {"name": "c"}}',
      'notes.txt': 'not: [yaml',
      '.hidden.yaml': 'not: [yaml',
      'deeper/d.yaml': manifest('d'),
      'values.yaml': 'replicas: 1',
    })
    const file = join(await tempFolder({ 'e.yaml': manifest('e') }), 'e.yaml')
    const store = await readSecrets([folder, file])
    expect(store.all.map(({ name }) => name)).to.deep.equal(['a', 'b', 'c', 'e'])
    expect(store.sources).to.deep.equal([folder, file])
  })

  it('finds by namespace and name, and a Secret without namespace in any', async () => {
    const folder = await tempFolder({
      'a.yaml': `${manifest('x', 'velero', 'one')}---\n${manifest('x', undefined, 'any')}---\n${manifest('y', 'kotsadm')}`,
    })
    const store = await readSecrets([folder])
    expect(store.find('velero', 'x')?.data).to.deep.equal({ k: 'one' })
    expect(store.find('other', 'x')?.data).to.deep.equal({ k: 'any' })
    expect(store.find('velero', 'y')).to.equal(undefined)
    expect(store.find('velero', 'X')).to.equal(undefined)
  })

  it('takes an empty folder for one without Secrets', async () => {
    expect((await readSecrets([await tempFolder()])).all).to.deep.equal([])
  })

  it('takes the same Secret twice, but not two of one name', async () => {
    const same = await tempFolder({ 'a.yaml': manifest('x', 'velero'), 'b.yaml': manifest('x', 'velero') })
    expect((await readSecrets([same])).all).to.have.length(2)
    const error = await failure(await tempFolder({ 'a.yaml': manifest('x', 'velero', 'one'), 'b.yaml': manifest('x', 'velero', 'two') }))
    expect(error.code).to.equal('SECRETS_INVALID')
    expect(error.message).to.match(/^The Secret velero\/x is given twice with different content: .*a\.yaml:1 and .*b\.yaml:1\.$/)
  })

  const wrong: readonly (readonly [what: string, name: string, text: string, code: ErrorCode, message: RegExp])[] = [
    ['a docker config.json', 'config.json', '{"auths": {}}', 'SECRETS_INVALID', /is a docker config\.json, not a Secret manifest/],
    ['a document without kind', 'values.yaml', 'a: b', 'SECRETS_INVALID', /is a document without "kind"/],
    ['what is no YAML', 'a.yaml', 'a: [', 'YAML_INVALID', /a\.yaml:\d+:\d+: the file is not valid YAML/],
  ]
  for (const [what, name, text, code, message] of wrong) {
    it(`refuses ${what} that is named itself`, async () => {
      const error = await failure(join(await tempFolder({ [name]: text }), name))
      expect(error.code).to.equal(code)
      expect(error.message).to.match(message)
      expect(error.hint).to.be.a('string')
    })
  }

  it('tells a file that is not there from one that cannot be read and one too large', async () => {
    const folder = await tempFolder({ 'large.yaml': `a: "${'x'.repeat(9 << 20)}"` })
    expect((await failure(join(folder, 'none.yaml'))).code).to.equal('FILE_NOT_FOUND')
    expect((await failure(join(folder, 'large.yaml', 'below'))).code).to.equal('FILE_NOT_FOUND')
    expect((await failure(join(folder, 'large.yaml'))).code).to.equal('FILE_TOO_LARGE')
    expect((await failure('/dev/zero')).code).to.equal('FILE_TOO_LARGE')
  })

  it('reads no folder of a thousand and one files', async () => {
    const folder = await tempFolder(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`${i}.yaml`, ''])))
    expect((await failure(folder)).code).to.equal('SECRETS_INVALID')
  })
})
