import { expect } from 'chai'
import { currentInstallation, installationOf, nodeOf, podTemplateOf, pullSecretsOf } from '../../src/kubernetes/objects.ts'
import { nodePlatforms } from '../../src/kubernetes/platforms.ts'
import { accountObject, deploymentObject, installationObject, nodeObject } from '../support/api-server.ts'

describe('objects of the API server', () => {
  it('are a node with its platform, ready or not, whatever its taints', () => {
    expect(nodeOf(nodeObject('a', 'linux/arm64', false))).to.deep.equal({ name: 'a', platform: 'linux/arm64', ready: false })
    expect(nodeOf({ metadata: { name: 'new' } })).to.deep.equal({ name: 'new', ready: false })
    expect(nodeOf(nodeObject('odd', 'linux/\u001b')).platform).to.equal(undefined)
  })

  it('are a pod template with its service account and its pull secrets in order', () => {
    const none = { initContainers: [] }
    expect(podTemplateOf(deploymentObject(['b', 'a']))).to.deep.equal({
      serviceAccount: 'velero-server',
      imagePullSecrets: ['b', 'a'],
      ...none,
    })
    expect(podTemplateOf({ spec: { template: { spec: {} } } })).to.deep.equal({ serviceAccount: 'default', imagePullSecrets: [], ...none })
    expect(pullSecretsOf(accountObject(['x']))).to.deep.equal(['x'])
  })

  it('are of the Installations the one of the greatest name, whatever its state', () => {
    const all = ['20260101000000', '20260301000000', '20260201000000'].map(name => installationObject(name, {}, 'Failed'))
    expect(currentInstallation(all)).to.equal(all[1])
    expect(currentInstallation([])).to.equal(undefined)
  })

  for (const [spec, disasterRecovery] of [
    [{ licenseInfo: { isDisasterRecoverySupported: true } }, true],
    [{ licenseInfo: {} }, false],
    [{}, undefined],
  ] as const)
    it(`are an Installation whose licence ${JSON.stringify(spec)} has disaster recovery: ${disasterRecovery}`, () => {
      expect(installationOf(installationObject('1', spec)).disasterRecovery).to.equal(disasterRecovery)
    })

  it('are nothing that breaks a reader when they are something else', () => {
    for (const odd of [
      null,
      1,
      'x',
      [],
      { status: [] },
      { spec: { template: 7 }, metadata: null, imagePullSecrets: [null, {}, { name: 3 }] },
    ]) {
      expect(nodeOf(odd).name).to.equal('')
      expect(podTemplateOf(odd).imagePullSecrets).to.deep.equal([])
      expect(pullSecretsOf(odd)).to.deep.equal([])
    }
  })
})

describe('the platforms of nodes', () => {
  it('are those of all Linux nodes, each once', () => {
    const nodes = [
      nodeObject('a'),
      nodeObject('b', 'linux/arm64', false),
      nodeObject('c'),
      nodeObject('w', 'windows/amd64'),
      { metadata: { name: 'new' } },
    ]
    expect(nodePlatforms(nodes.map(nodeOf))).to.deep.equal(['linux/amd64', 'linux/arm64'])
  })
})
