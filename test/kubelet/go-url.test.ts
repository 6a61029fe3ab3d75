import { expect } from 'chai'
import { parseGoUrl, splitPort } from '../../src/kubelet/go-url.ts'
import { isIPv6 } from '../../src/kubelet/ip.ts'

describe("Go's url.Parse behind https://", () => {
  for (const [text, host, path] of [
    ['a.example.com', 'a.example.com', ''],
    ['a.example.com:80/x/y', 'a.example.com:80', '/x/y'],
    ['a.example.com:/x', 'a.example.com:', '/x'],
    ['u:p@a.example.com', 'a.example.com', ''],
    ['a.example.com?q', 'a.example.com', ''],
    ['a.example.com/x%2Fy', 'a.example.com', '/x/y'],
    ['a.example.com/x#y', 'a.example.com', '/x'],
    ['r%c3%a9g.example.com', 'rég.example.com', ''],
    ['[::1]:5000/x', '[::1]:5000', '/x'],
    ['[fe80::1%25eth0]', '[fe80::1%eth0]', ''],
    ['', '', ''],
  ] as const) {
    it(`splits ${JSON.stringify(text)}`, () => {
      expect(parseGoUrl(text)).to.deep.equal({ host, path })
    })
  }

  for (const text of [
    'a b',
    'a\u0001',
    'a:x',
    'a%41',
    'a/%zz',
    'a#%zz',
    'u s@a',
    'a[b]',
    '[::1',
    '[::1]x',
    '[1.2.3.4]',
    '[zz]',
    'a^b',
    '[fe80::1%25]',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(parseGoUrl(text)).to.equal(undefined)
    })
  }

  for (const [host, name, port] of [
    ['a', 'a', ''],
    ['a:80', 'a', '80'],
    ['a:', 'a', ''],
    ['[::1]:80', '::1', '80'],
    ['[::1]', '[::1]', ''],
    ['a:b:80', 'a:b:80', ''],
  ] as const) {
    it(`splits the port from ${host} as kubelet does`, () => {
      expect(splitPort(host)).to.deep.equal([name, port])
    })
  }
})

describe('IPv6 address', () => {
  for (const text of ['::', '::1', '1::', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4', '1:2:3:4:5:6:1.2.3.4', 'FE80::1']) {
    it(`is ${text}`, () => expect(isIPv6(text)).to.equal(true))
  }
  for (const text of [
    '',
    '1',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7::8',
    '12345::',
    '::1.2.3',
    '::1.2.3.256',
    '::01.2.3.4',
    '1.2.3.4',
    '1.2.3.4::',
    ':1:2:3:4:5:6:7',
  ]) {
    it(`is not "${text}"`, () => expect(isIPv6(text)).to.equal(false))
  }
})
