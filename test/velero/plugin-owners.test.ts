import { expect } from 'chai'
import { type Owner, ownersOf } from '../../src/velero/plugin-owners.ts'

const owner = (name: string, image = `r.io/${name}:v1`, files?: readonly string[]): Owner => ({ name, image, ...(files && { files }) })

const names = (commands: readonly string[], ...owners: readonly Owner[]) =>
  Object.fromEntries([...ownersOf(commands, owners)].map(([command, found]) => [command, found.map(({ name }) => name)]))

describe('whose file it is that Velero runs', () => {
  it('is whose image is known to copy it, whatever the names say', () => {
    expect(names(['/plugins/b'], owner('a', 'r.io/a:v1', ['b']), owner('b', 'r.io/b:v1', ['c']))).to.deep.equal({ '/plugins/b': ['a'] })
  })

  it('is whose init container has its name', () => {
    expect(names(['/plugins/acme-good', '/plugins/acme'], owner('acme'), owner('acme-good'))).to.deep.equal({
      '/plugins/acme-good': ['acme-good'],
      '/plugins/acme': ['acme'],
    })
  })

  it('is whose image has its name', () => {
    expect(
      names(['/plugins/velero-plugin-for-aws'], owner('x'), owner('y', 'r.io:5000/velero/velero-plugin-for-aws:v1@sha256:00')),
    ).to.deep.equal({
      '/plugins/velero-plugin-for-aws': ['y'],
    })
  })

  it('is who shares a word with it that not all plugins have', () => {
    expect(names(['/plugins/velero-plugin-postgres'], owner('velero-plugin-for-aws'), owner('acme-postgres'))).to.deep.equal({
      '/plugins/velero-plugin-postgres': ['acme-postgres'],
    })
  })

  it('is the one that is left over', () => {
    expect(names(['/plugins/velero-plugin-for-aws', '/plugins/zzz'], owner('velero-plugin-for-aws'), owner('acme'))).to.deep.equal({
      '/plugins/velero-plugin-for-aws': ['velero-plugin-for-aws'],
      '/plugins/zzz': ['acme'],
    })
  })

  it('is not known between those that are left over, and nobody’s when none is', () => {
    expect(names(['/plugins/zzz'], owner('a'), owner('b'))).to.deep.equal({ '/plugins/zzz': ['a', 'b'] })
    expect(names(['/plugins/zzz'], owner('a', 'r.io/a:v1', ['a']))).to.deep.equal({ '/plugins/zzz': [] })
  })
})
