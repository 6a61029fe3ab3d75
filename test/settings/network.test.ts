import { expect } from 'chai'
import { networkOf } from '../../src/settings/network.ts'

describe('network settings', () => {
  it('have no settings of a node unless they are asked for', () => {
    expect(networkOf({}, {})).to.include({ hostsDir: undefined, nodeSettings: undefined })
  })
  it('take --node-settings without a folder for that of this machine', () => {
    expect(networkOf({ nodeSettings: true }, {}).nodeSettings).to.equal('/')
    expect(networkOf({ nodeSettings: '/mnt/node' }, {}).nodeSettings).to.equal('/mnt/node')
  })
  it('take --hosts-dir as it is: a list of folders', () => {
    expect(networkOf({ hostsDir: '/a:/b' }, {}).hostsDir).to.equal('/a:/b')
  })
})
