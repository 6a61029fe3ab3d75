import { expect } from 'chai'
import { proxyFor } from '../../src/world/proxy-rules.ts'

const settings = { httpProxy: 'http://plain:1', httpsProxy: 'http://tls:2' }
const proxied = (noProxy: string, url: string) => proxyFor({ ...settings, noProxy }, new URL(url)) !== undefined

describe('proxy rules', () => {
  it('take HTTPS_PROXY for https and HTTP_PROXY for http', () => {
    expect(proxyFor(settings, new URL('https://a.example'))).to.equal('http://tls:2')
    expect(proxyFor(settings, new URL('http://a.example'))).to.equal('http://plain:1')
    expect(proxyFor({ httpProxy: 'http://plain:1' }, new URL('https://a.example'))).to.equal(undefined)
    expect(proxyFor({ httpsProxy: '' }, new URL('https://a.example'))).to.equal(undefined)
  })

  it('take an address without a scheme for one of an HTTP proxy', () => {
    expect(proxyFor({ httpsProxy: 'proxy:3128' }, new URL('https://a.example'))).to.equal('http://proxy:3128')
  })

  it('never send loopback through a proxy', () => {
    for (const host of ['localhost', '127.0.0.1', '127.9.9.9:5000', '[::1]:5000'])
      expect(proxied('', `https://${host}`), host).to.equal(false)
  })

  for (const [noProxy, without, through] of [
    ['*', ['https://a.example'], []],
    ['example.com', ['https://example.com', 'https://a.example.com', 'https://EXAMPLE.com:5000'], ['https://notexample.com']],
    ['.example.com', ['https://a.example.com'], ['https://example.com']],
    ['*.example.com', ['https://a.b.example.com'], ['https://example.com']],
    ['example.com:5000', ['https://example.com:5000'], ['https://example.com']],
    ['example.com:443', ['https://example.com'], ['http://example.com']],
    ['10.0.0.0/8', ['https://10.1.2.3'], ['https://11.1.2.3', 'https://ten.example']],
    ['10.1.2.3', ['https://10.1.2.3:8443'], ['https://10.1.2.4']],
    ['10.1.2.3:443', ['https://10.1.2.3'], ['https://10.1.2.3:8443']],
    ['2001:db8::/32', ['https://[2001:db8::1]'], ['https://[2001:db9::1]']],
    ['::/0', ['https://[2001:db8::1]'], ['https://10.1.2.3', 'https://[::ffff:10.1.2.3]']],
    ['::ffff:10.0.0.0/104', ['https://10.1.2.3', 'https://[::ffff:10.1.2.3]'], ['https://11.1.2.3', 'https://[2001:db8::1]']],
    ['10.0.0.0/8', ['https://[::ffff:10.1.2.3]'], ['https://[::a01:203]']],
    ['[2001:db8::1]:443', ['https://[2001:db8::1]'], ['https://[2001:db8::1]:5000']],
    [' , example.com ,', ['https://example.com'], ['https://example.org']],
    ['bücher.example', ['https://bücher.example', 'https://a.xn--bcher-kva.example'], ['https://bucher.example']],
    ['10.0.0.0/33,10.0.0/8,:443,[', [], ['https://10.1.2.3']],
  ] as const)
    it(`with NO_PROXY=${noProxy}`, () => {
      for (const url of without) expect(proxied(noProxy, url), url).to.equal(false)
      for (const url of through) expect(proxied(noProxy, url), url).to.equal(true)
    })
})
