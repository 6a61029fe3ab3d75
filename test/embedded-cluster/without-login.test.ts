import { expect } from 'chai'
import { withoutLogin } from '../../src/embedded-cluster/without-login.ts'

describe('an image that is written as an address with a login', () => {
  for (const [text, shown] of [
    ['bob:hunter2@registry', '***@registry'],
    ['bob:hunter2@registry:5000', '***@registry:5000'],
    ['bob:hunter2@registry:5000/a', '***@registry:5000/a'],
    ['bob:hunter2@r.io', '***@r.io'],
    ['bob:hunt@er2@r.io/a', '***@r.io/a'],
    ['bob:hunt@er2@registry', '***@registry'],
    ['bob:hunter2@a@sha256:abc', '***@a@sha256:abc'],
    ['https://bob:hunter2@r.io/a', 'https://***@r.io/a'],
    ['r.io/a?token=hunter2', 'r.io/a?***'],
    ['r.io/a?hunter2hunter2', 'r.io/a?***'],
  ] as const)
    it(`shows nothing of it: ${text}`, () => {
      expect(withoutLogin(text)).to.equal(shown).and.not.contain('hunt')
    })

  for (const text of ['r.io:5000/a:v1@sha256:abc', 'a:v1@sha256:xyz', 'a:v1@md5:', 'a:v1@', '@', ':@b', 'bob@r.io/a', 'a?b', ''])
    it(`is none, and shown as it stands: ${text}`, () => {
      expect(withoutLogin(text)).to.equal(text)
    })

  it('is found in linear time', () => {
    expect(withoutLogin(`a${':@'.repeat(500_000)}r.io`)).to.equal('***@r.io')
    expect(withoutLogin(':'.repeat(1_000_000))).to.have.length(1_000_000)
  })
})
