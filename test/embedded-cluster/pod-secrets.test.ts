import { expect } from 'chai'
import { readConfigs } from '../../src/embedded-cluster/config.ts'
import { podSecretsOf } from '../../src/embedded-cluster/pod-secrets.ts'
import type { ClusterFact } from '../../src/facts/cluster.ts'

const plugins = [
  { plugin: 'one', image: 'r.io/one:v1', imagePullSecret: 'own' },
  { plugin: 'two', image: 'r.io/two:v1' },
]

const configs = (pod = '', account = '') => {
  const values = `{image: {imagePullSecrets: [${pod}]}, serviceAccount: {server: {imagePullSecrets: [${account}]}}}`
  const text = `apiVersion: embeddedcluster.replicated.com/v1beta1
kind: Config
spec:
  version: 2.19.4+k8s-1.36
  unsupportedOverrides: {builtInExtensions: [{name: velero, values: '${values}'}]}
`
  return readConfigs([{ file: 'c.yaml', bytes: Buffer.from(text), fromFolder: false }])
}

const cluster = (pod: readonly string[] | undefined, account: readonly string[] = [], more: Partial<ClusterFact> = {}): ClusterFact => ({
  ok: true,
  context: 'c',
  server: 'https://c',
  unverified: false,
  namespace: 'velero',
  calls: [],
  secretsFromFiles: [],
  ...(pod === undefined ? {} : { deployment: { serviceAccount: 'velero-server', imagePullSecrets: pod } }),
  serviceAccountPullSecrets: account,
  ...more,
})

describe("the pull secrets of Velero's pod", () => {
  it('are before there is a Deployment those that plugins and the override name', () => {
    for (const read of [undefined, cluster(undefined)])
      expect(podSecretsOf(configs('over'), plugins, read)).to.deep.equal({ names: ['own', 'over'], toRead: ['own', 'over'] })
    expect(podSecretsOf(configs('', 'account'), plugins).names).to.deep.equal(['own', 'account'])
    expect(podSecretsOf(configs('over', 'account'), plugins).names).to.deep.equal(['own', 'over'])
  })

  it('are then those that the pod refers to, and not what a plugin names', () => {
    const { names, toRead, pod } = podSecretsOf(configs(), plugins, cluster(['b', 'a']))
    expect({ names, toRead }).to.deep.equal({ names: ['b', 'a'], toRead: ['own', 'b', 'a'] })
    expect(pod).to.include({ of: 'pod', deployment: 'velero', serviceAccount: 'velero-server' })
  })

  it('are those of its service account only when it refers to none itself', () => {
    expect(podSecretsOf(configs(), plugins, cluster([], ['s'])).pod).to.deep.include({ secrets: ['s'], of: 'serviceAccount', hidden: [] })
    expect(podSecretsOf(configs(), plugins, cluster(['a'], ['s', 'a'])).pod).to.deep.include({ secrets: ['a'], of: 'pod', hidden: ['s'] })
  })

  it('have before them what the override of the new Config adds, to the pod or to its service account', () => {
    expect(podSecretsOf(configs('over'), plugins, cluster(['a'], ['s'])).pod).to.deep.include({ secrets: ['over', 'a'], hidden: ['s'] })
    expect(podSecretsOf(configs('', 'more'), plugins, cluster([], ['s'])).pod).to.deep.include({
      secrets: ['more', 's'],
      of: 'serviceAccount',
    })
    expect(podSecretsOf(configs('', 'more'), plugins, cluster(['a'])).pod).to.deep.include({ secrets: ['a'], hidden: ['more'] })
  })

  it('are not known when the service account that counts could not be read', () => {
    const calls = [{ call: 'serviceAccount', ok: false, code: 'CLUSTER_FORBIDDEN', message: 'no' }] as const
    const { names, toRead, pod, unread } = podSecretsOf(configs(), plugins, cluster([], [], { calls }))
    expect({ names, toRead, pod, code: unread?.code }).to.deep.equal({
      names: [],
      toRead: ['own'],
      pod: undefined,
      code: 'CLUSTER_FORBIDDEN',
    })
    const named = podSecretsOf(configs(), plugins, cluster(['a'], [], { calls }))
    expect(named.pod).to.include({ of: 'pod' }).and.to.not.have.property('hidden')
    expect(named.unread).to.equal(undefined)
  })

  it('are not known when the Deployment could not be read: there may be one', () => {
    const calls = [{ call: 'deployment', ok: false, code: 'CLUSTER_TIMEOUT', message: 'late' }] as const
    expect(podSecretsOf(configs('over'), plugins, cluster(undefined, [], { calls }))).to.deep.include({
      names: [],
      toRead: ['own', 'over'],
    })
  })
})
