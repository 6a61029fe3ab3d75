import { expect } from 'chai'
import { proxyFor } from '../../src/world/proxy-rules.ts'
import { oracle, rowsOrSkip } from './oracle.ts'

interface Row {
  readonly http_proxy: string
  readonly https_proxy: string
  readonly no_proxy: string
  readonly url: string
  readonly proxy: string | null
}

describe('the proxy of a URL, as Go takes it', () => {
  it('answers every case of the oracle alike', function () {
    const rows = rowsOrSkip(this, oracle<Row>('proxies'))
    const differences = rows.filter(row => {
      const settings = { httpProxy: row.http_proxy, httpsProxy: row.https_proxy, noProxy: row.no_proxy }
      return (proxyFor(settings, new URL(row.url)) ?? null) !== row.proxy
    })
    expect(differences).to.deep.equal([])
  })
})
