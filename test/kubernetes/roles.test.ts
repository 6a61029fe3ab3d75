import { expect } from 'chai'
import { rolesFor } from '../../src/kubernetes/roles.ts'

describe('the roles for calls', () => {
  it('are a Role for each namespace and a ClusterRole, with a rule for each resource', () => {
    expect(
      rolesFor([
        { call: 'pullSecret', namespace: 'velero', name: 'a' },
        { call: 'nodes' },
        { call: 'pullSecret', namespace: 'velero', name: 'b' },
      ]),
    ).to.equal(`apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: velero-plugin-preflight
  namespace: velero
rules:
  - apiGroups: [""]
    resources: [secrets]
    resourceNames: [a, b]
    verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: velero-plugin-preflight
rules:
  - apiGroups: [""]
    resources: [nodes]
    verbs: [list]
`)
  })

  it('name no object where one of the calls names none', () => {
    expect(
      rolesFor([
        { call: 'pullSecret', namespace: 'velero', name: 'a' },
        { call: 'pullSecret', namespace: 'velero' },
      ]),
    ).to.not.contain('resourceNames')
  })

  it('name the log of a pod as RBAC does', () => {
    expect(rolesFor([{ call: 'podLog', namespace: 'velero' }])).to.contain('resources: [pods/log]')
  })

  for (const [subject, text] of [
    [{ kind: 'User', name: 'bob' }, '  - kind: User\n    name: bob\n    apiGroup: rbac.authorization.k8s.io\n'],
    [{ kind: 'ServiceAccount', namespace: 'ns', name: 'sa' }, '  - kind: ServiceAccount\n    namespace: ns\n    name: sa\n'],
  ] as const)
    it(`are bound to a ${subject.kind}`, () => {
      const made = rolesFor([{ call: 'nodes' }], subject)
      expect(made).to.contain('kind: ClusterRoleBinding').and.to.contain(`subjects:\n${text}`)
      expect(made).to.contain('roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: velero-plugin-preflight\n')
    })
})
