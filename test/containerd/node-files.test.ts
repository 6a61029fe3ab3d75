import { expect } from 'chai'
import { filesFrom } from '../../src/containerd/node-files.ts'

describe('filesFrom', () => {
  const files = filesFrom(
    new Map([
      ['/a/b/c', 'text'],
      ['/a/d', 'x'],
      ['/e/', ''],
    ]),
  )

  it('gives a file its bytes', () => {
    const found = files('/a/b/c')
    expect(found.kind === 'file' && Buffer.from(found.bytes).toString()).to.equal('text')
  })

  it('has the folders that lead to a file, with sorted names', () => {
    expect(files('/a')).to.deep.equal({ kind: 'folder', names: ['b', 'd'] })
    expect(files('/')).to.deep.equal({ kind: 'folder', names: ['a', 'e'] })
  })

  it('takes a key that ends in a slash for an empty folder', () => {
    expect(files('/e')).to.deep.equal({ kind: 'folder', names: [] })
  })

  it('has nothing else', () => {
    expect(files('/a/b/c/d')).to.deep.equal({ kind: 'absent' })
  })
})
