import { expect } from 'chai'
import { initExcerpt, serverExcerpt } from '../../src/velero/log-excerpt.ts'

const line = (text: string, level = 'info') => `time="2026-11-27T23:00:00Z" level=${level} ${text}`
const own = line('msg="registering plugin" command=/velero kind=BackupItemAction name=velero.io/pod')
const noise = Array.from({ length: 5000 }, (_, index) => line(`msg="reconciled ${index}"`))

describe('what is kept of a log', () => {
  it('is what was registered of plugins that are not its own', () => {
    const registered = line('msg="registering plugin" command=/plugins/acme kind=ObjectStore name=example.com/acme')
    const kept = serverExcerpt([line('msg="Starting Velero server v1.18.3 (-)"'), own, registered, ...noise].join('\n'))
    expect(kept).to.include(registered).and.to.not.include(own)
    expect(kept).to.have.length.below(60)
  })

  it('is bounded in lines and in their length, however many errors there are', () => {
    const errors = Array.from({ length: 5000 }, () => line(`msg="${'x'.repeat(5000)}"`, 'error'))
    const kept = serverExcerpt(errors.join('\n'))
    expect(kept.length).to.be.within(100, 220)
    expect(Math.max(...kept.map(one => one.length))).to.be.at.most(1000)
  })

  it('is the end, where the server says why it ended', () => {
    expect(serverExcerpt([...noise, 'velero: timeout while waiting for plugin to start', ''].join('\n')).at(-1)).to.equal(
      'velero: timeout while waiting for plugin to start',
    )
  })

  for (const [what, excerpt] of [
    ['a server', serverExcerpt],
    ['an init container', initExcerpt],
  ] as const)
    it(`is without secrets and control characters, of ${what}`, () => {
      const kept = excerpt('get https://bob:planted@r.io/x?sig=planted\u001b[31m\nAuthorization: Bearer planted-token\n').join('\n')
      expect(kept).to.not.contain('planted').and.to.not.contain('\u001b')
      expect(kept).to.contain('https://***@r.io/x?***')
    })
})
