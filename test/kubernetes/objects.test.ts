import { expect } from 'chai'
import { currentInstallation, installationOf, nodeImagesOf, nodeOf, podTemplateOf, pullSecretsOf } from '../../src/kubernetes/objects.ts'
import { nodePlatforms } from '../../src/kubernetes/platforms.ts'
import { veleroPodsOf } from '../../src/kubernetes/velero-pods.ts'
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

  it('are a pod template with its init containers in order, and the image of the server among its containers', () => {
    const spec = {
      initContainers: [{ name: 'b', image: 'r.io/b:v1' }, { name: 'a' }],
      containers: [
        { name: 'sidecar', image: 'r.io/s:v1' },
        { name: 'velero', image: 'r.io/velero:v1.18.2' },
      ],
    }
    const { initContainers, serverImage } = podTemplateOf({ spec: { template: { spec } } })
    expect(initContainers).to.deep.equal([
      { name: 'b', image: 'r.io/b:v1' },
      { name: 'a', image: '' },
    ])
    expect(serverImage).to.equal('r.io/velero:v1.18.2')
  })

  it('are a node of the control plane by its label, with the images that it has, no more than 200 of them', () => {
    const labels = { 'node-role.kubernetes.io/control-plane': 'true' }
    expect(nodeOf({ metadata: { name: 'a', labels } }).controlPlane).to.equal(true)
    expect(nodeOf({ metadata: { name: 'a', labels: {} } })).to.not.have.property('controlPlane')
    const images = [{ names: ['r.io/a:v1', 7], sizeBytes: 5 }, null, ...Array.from({ length: 300 }, () => ({ names: [], sizeBytes: 1 }))]
    const found = nodeImagesOf({ status: { images } })
    expect(found.slice(0, 2)).to.deep.equal([
      { names: ['r.io/a:v1'], sizeBytes: 5 },
      { names: [], sizeBytes: 0 },
    ])
    expect(found).to.have.length(200)
  })

  it('are the pods of the server alone, with what their init containers were made of', () => {
    const server = {
      metadata: { name: 'velero-1' },
      spec: { nodeName: 'a', containers: [{ name: 'velero' }], initContainers: [{ name: 'x', image: 'r.io/x:v1' }, { name: 'y' }] },
      status: { initContainerStatuses: [{ name: 'x', imageID: 'r.io/x@sha256:1' }] },
    }
    const agent = { metadata: { name: 'node-agent-1' }, spec: { containers: [{ name: 'node-agent' }] } }
    const evicted = { ...server, metadata: { name: 'velero-0' }, status: { phase: 'Failed' } }
    const initContainers = [
      { name: 'x', image: 'r.io/x:v1', imageId: 'r.io/x@sha256:1' },
      { name: 'y', image: '', imageId: '' },
    ]
    expect(veleroPodsOf([agent, evicted, server, null])).to.deep.equal([{ name: 'velero-1', node: 'a', initContainers }])
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
