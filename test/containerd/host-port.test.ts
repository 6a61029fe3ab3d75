import { expect } from 'chai'
import { isLocalhost, portOf, splitHostPort } from '../../src/containerd/host-port.ts'

describe("Go's net.SplitHostPort", () => {
  for (const [text, name, port] of [
    ['a:5000', 'a', '5000'],
    ['[::1]:5000', '::1', '5000'],
    ['a:', 'a', ''],
    [':80', '', '80'],
  ] as const) {
    it(`splits ${text}`, () => {
      expect(splitHostPort(text)).to.deep.equal({ name, port })
    })
  }

  for (const text of ['a', '::1', '[::1]', 'a:1:2', '[a:1', 'a]:1']) {
    it(`has nothing for ${text}, which has no port`, () => {
      expect(splitHostPort(text)).to.equal(undefined)
      expect(portOf(text)).to.equal('')
    })
  }
})

describe("containerd's IsLocalhost", () => {
  for (const host of ['localhost', 'localhost:5000', '127.0.0.1', '127.9.9.9:80', '[::1]:5000', '[::ffff:127.0.0.1]:443', '[0:0::1]:1']) {
    it(`is true of ${host}`, () => {
      expect(isLocalhost(host)).to.equal(true)
    })
  }

  for (const host of [
    'LOCALHOST',
    'localhost.',
    '127.0.0.1.nip.io',
    '127.0.0.01',
    '127.0.0.256',
    '128.0.0.1',
    '[::1]',
    '[::2]:5000',
    '[::ffff:10.0.0.1]:1',
    '',
  ]) {
    it(`is false of ${JSON.stringify(host)}`, () => {
      expect(isLocalhost(host)).to.equal(false)
    })
  }
})
