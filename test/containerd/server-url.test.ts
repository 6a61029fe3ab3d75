import { expect } from 'chai'
import { parseServerUrl } from '../../src/containerd/server-url.ts'

describe('the URL of a host in hosts.toml', () => {
  for (const [server, scheme, host, path] of [
    ['https://a', 'https', 'a', '/v2'],
    ['http://a:5000', 'http', 'a:5000', '/v2'],
    ['a', 'https', 'a', '/v2'],
    ['a:5000/proj', 'https', 'a:5000', '/proj/v2'],
    ['https://a/', 'https', 'a', '//v2'],
    ['https://a/v2', 'https', 'a', '/v2'],
    ['https://a/v2/', 'https', 'a', '/v2'],
    ['https://a/proj/v2', 'https', 'a', '/proj/v2'],
    ['https://a/v2/proj', 'https', 'a', '/v2/proj/v2'],
    ['https://a/x/../y//z', 'https', 'a', '/y/z/v2'],
    ['https://user:password@a?x=y#f', 'https', 'a', '/v2'],
    ['https://[::1]:5000', 'https', '[::1]:5000', '/v2'],
    ['https://a/%41', 'https', 'a', '/A/v2'],
    ['ftp://a', 'https', 'ftp:', '/a/v2'],
    ['HTTP://a', 'https', 'HTTP:', '/a/v2'],
    ['http+unix://a/b', 'http+unix', 'a', '/b/v2'],
    ['//a', 'https', '', '/a/v2'],
    ['http:/a', 'http', '', '/a/v2'],
    ['http:a', 'http', '', '/v2'],
    ['httpa/b', '', '', 'httpa/b/v2'],
  ] as const) {
    it(`of ${server} is ${scheme}://${host}${path}`, () => {
      expect(parseServerUrl(server, false)).to.deep.equal({ scheme, host, path })
    })
  }

  for (const [server, path] of [
    ['https://a', ''],
    ['https://a/', '/'],
    ['https://a/api/', '/api'],
  ] as const) {
    it(`keeps the path of ${server} where override_path is set`, () => {
      expect(parseServerUrl(server, true)?.path).to.equal(path)
    })
  }

  for (const server of [
    'https://a b',
    'https://a:x',
    'https://a:1:2',
    '::1',
    'https://[::1',
    'https://a/%zz',
    'https://a\u0001',
    'http:\ta',
    'http_x:y',
  ]) {
    it(`refuses ${JSON.stringify(server)}`, () => {
      expect(parseServerUrl(server, false)).to.equal(undefined)
    })
  }
})
