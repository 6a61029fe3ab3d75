import { expect } from 'chai'
import { addressKind, isLoopback, literalKind } from '../../src/world/addresses.ts'

describe('addresses', () => {
  for (const [address, kind] of [
    ['8.8.8.8', 'public'],
    ['2001:4860:4860::8888', 'public'],
    ['172.15.0.1', 'public'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.1', 'public'],
    ['10.0.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd00::1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['0.0.0.0', 'loopback'],
    ['::', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['169.254.169.254', 'forbidden'],
    ['169.254.0.1', 'forbidden'],
    ['::ffff:169.254.169.254', 'forbidden'],
    ['::ffff:a9fe:a9fe', 'forbidden'],
    ['64:ff9b::a9fe:a9fe', 'forbidden'],
    ['fe80::1', 'forbidden'],
    ['febf::1', 'forbidden'],
    ['fd00:ec2::254', 'forbidden'],
    ['100.100.100.200', 'forbidden'],
    ['168.63.129.16', 'forbidden'],
  ] as const)
    it(`${address} is ${kind}`, () => {
      expect(addressKind(address)).to.equal(kind)
    })

  for (const [url, kind] of [
    ['http://2130706433/', 'loopback'],
    ['http://0x7f.1/', 'loopback'],
    ['http://[::ffff:169.254.169.254]/', 'forbidden'],
    ['http://localhost:5000/', 'loopback'],
    ['http://x.localhost/', 'loopback'],
    ['http://10.1/', 'private'],
    ['https://registry.example.com/', undefined],
    ['https://localhost.example.com/', undefined],
  ] as const)
    it(`the host of ${url} is ${kind ?? 'a name'}`, () => {
      expect(literalKind(new URL(url))).to.equal(kind)
    })

  it('plain HTTP is tried for localhost and loopback addresses, and no other name', () => {
    const hosts = [
      'localhost',
      'localhost:5000',
      '127.0.0.1',
      '127.1.2.3:5000',
      '[::1]:5000',
      'x.localhost',
      'registry.example.com',
      '10.0.0.1',
    ]
    expect(hosts.map(host => isLoopback(new URL(`https://${host}`)))).to.deep.equal([true, true, true, true, true, false, false, false])
  })
})
