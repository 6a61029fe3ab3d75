import { expect } from 'chai'
import { officialPlugin, pluginForVelero, veleroOfPlugin } from '../../src/velero/official-plugins.ts'

describe('the plugins of the Velero project', () => {
  // README of velero-plugin-for-aws 1.14, "Compatibility"
  for (const [plugin, velero] of [
    ['v1.14.2', '1.18'],
    ['v1.13.0', '1.17'],
    ['v1.12.1', '1.16'],
    ['v1.11.0', '1.15'],
    ['v1.10.1', '1.14'],
    ['v1.9.2', '1.13'],
    ['v1.8.0', '1.12'],
    ['v1.7.1', '1.11'],
  ] as const) {
    it(`${plugin} is made for Velero ${velero}`, () => {
      expect(veleroOfPlugin(plugin)).to.equal(velero)
    })
    it(`Velero ${velero} needs that minor version`, () => {
      expect(pluginForVelero(`${velero}.2`)).to.equal(/\d+\.\d+/.exec(plugin)?.[0])
    })
  }

  it('are made for a Velero that nobody can tell where the tag is no version, of another major, or from before the rule', () => {
    expect(['latest', 'v2.0.0', 'v1.6.2', ''].map(veleroOfPlugin)).to.deep.equal([undefined, undefined, undefined, undefined])
    expect(['2.0.0', '1.10.3', 'x'].map(pluginForVelero)).to.deep.equal([undefined, undefined, undefined])
  })

  it('are known by their name, in whatever registry they are', () => {
    expect(officialPlugin('docker.io/velero/velero-plugin-for-aws')).to.equal('velero-plugin-for-aws')
    expect(officialPlugin('mirror.example.com:5000/a/b/velero-plugin-for-gcp')).to.equal('velero-plugin-for-gcp')
    expect(officialPlugin('docker.io/velero/velero-plugin-for-csi')).to.equal(undefined)
    expect(officialPlugin('docker.io/velero-plugin-for-aws/x')).to.equal(undefined)
  })
})
