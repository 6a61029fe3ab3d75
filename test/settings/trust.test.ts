import { expect } from 'chai'
import { trustOf } from '../../src/settings/trust.ts'
import { refusal } from '../support/policies.ts'

describe('settings of trust', () => {
  it('ask no repository of trusted roots unless told so', () => {
    expect(trustOf({ offline: true, trustedRoot: 'root.json' }, {}).refresh).to.equal(undefined)
    expect(trustOf({ refreshTrustedRoot: true }, {}).refresh).to.deep.equal({ mirrorUrl: undefined, initialRoot: undefined })
    expect(trustOf({ refreshTrustedRoot: true, tufMirror: 'https://tuf.example', tufRoot: '1.root.json' }, {}).refresh).to.deep.equal({
      mirrorUrl: 'https://tuf.example',
      initialRoot: '1.root.json',
    })
  })

  it('look for cached repositories where XDG says, and nowhere without a home', () => {
    expect(trustOf({}, { HOME: '/home/a' }).data).to.deep.equal({ folder: '/home/a/.local/share', home: '/home/a' })
    expect(trustOf({}, { HOME: '/home/a', XDG_DATA_HOME: '/data' }).data?.folder).to.equal('/data')
    expect(trustOf({}, { HOME: '/home/a', XDG_DATA_HOME: 'data' }).data?.folder).to.equal('/home/a/.local/share')
    expect(trustOf({}, { XDG_DATA_HOME: '/data' }).data).to.equal(undefined)
  })

  for (const [flags, message] of [
    [{ refreshTrustedRoot: true, offline: true }, '--refresh-trusted-root and --offline cannot be given together.'],
    [{ refreshTrustedRoot: true, trustedRoot: 'a' }, '--refresh-trusted-root and --trusted-root cannot be given together.'],
    [{ refreshTrustedRoot: true, tufMirror: 'ftp://a' }, '--tuf-mirror is not an address that begins with https://.'],
    [{ tufMirror: 'https://a' }, '--tuf-mirror says where a trusted root is asked for, and none is.'],
    [{ tufRoot: 'a' }, '--tuf-root says where a trusted root is asked for, and none is.'],
    [{ insecureIgnoreSct: true }, '--insecure-ignore-sct is about certificates, and no identity was given.'],
    [{ trustedRoot: '' }, '--trusted-root is empty.'],
    [{ trustStore: '' }, '--trust-store is empty.'],
  ] as const) {
    it(`refuse ${JSON.stringify(flags)}`, () => {
      const error = refusal(() => trustOf(flags, {}))
      expect([error.code, error.message]).to.deep.equal(['USAGE', message])
    })
  }
})
