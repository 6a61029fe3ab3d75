import { expect } from 'chai'
import { nodeCheckObjects } from '../../src/kubernetes/node-checks.ts'
import { collectionPath, objectPath } from '../../src/kubernetes/object-path.ts'
import type { KubernetesObject } from '../../src/kubernetes/objects.ts'

const objects = nodeCheckObjects({
  name: 'vpp-x',
  image: 'registry.example.com/vpp:1',
  veleroNamespace: 'velero',
  secrets: ['regcred'],
  config: '{}',
  arguments: ['--timeout', '60s'],
})
const of = (kind: string) => objects.filter(object => object.kind === kind)
const pod = (of('DaemonSet')[0] as KubernetesObject & { spec: { template: { spec: Record<string, unknown> } } }).spec.template.spec

describe('what is created for checks on the nodes', () => {
  it('comes in an order in which each finds what it needs, and all of it below paths that the API knows', () => {
    expect(objects.map(({ kind }) => kind)).to.deep.equal([
      'Namespace',
      'ServiceAccount',
      'Role',
      'RoleBinding',
      'ClusterRole',
      'ClusterRoleBinding',
      'ConfigMap',
      'DaemonSet',
    ])
    expect(objects.map(collectionPath)).to.include('/apis/rbac.authorization.k8s.io/v1/namespaces/velero/roles')
    expect(objectPath(of('DaemonSet')[0]!)).to.equal('/apis/apps/v1/namespaces/vpp-x/daemonsets/vpp-x')
  })

  it('reads the named Secrets and no others', () => {
    const [role] = of('Role') as unknown as { rules: { resources: string[]; resourceNames?: string[]; verbs: string[] }[] }[]
    expect(role?.rules.find(({ resources }) => resources.includes('secrets'))).to.deep.equal({
      apiGroups: [''],
      resources: ['secrets'],
      resourceNames: ['regcred'],
      verbs: ['get'],
    })
    for (const { rules } of [...of('Role'), ...of('ClusterRole')] as unknown as { rules: { verbs: string[] }[] }[])
      for (const { verbs } of rules) expect(verbs.every(verb => verb === 'get' || verb === 'list')).to.equal(true)
  })

  it('runs on every Linux node, in its network, and can change nothing there', () => {
    expect(pod).to.include({ hostNetwork: true, dnsPolicy: 'Default' })
    expect(pod.tolerations).to.deep.equal([{ operator: 'Exists' }])
    const [container] = pod.containers as { securityContext: object; volumeMounts: { readOnly?: boolean }[] }[]
    expect(container?.securityContext).to.include({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true })
    expect(container?.securityContext).to.deep.include({ capabilities: { drop: ['ALL'] } })
    expect(container?.volumeMounts.every(({ readOnly }) => readOnly === true)).to.equal(true)
  })
})
