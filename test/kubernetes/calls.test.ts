import { expect } from 'chai'
import { callWords, pathOf } from '../../src/kubernetes/calls.ts'

describe('a call to the API server', () => {
  for (const [call, path, words] of [
    [{ call: 'nodes' }, '/api/v1/nodes', 'list nodes'],
    [{ call: 'pullSecret', namespace: 'velero', name: 'a' }, '/api/v1/namespaces/velero/secrets/a', 'get secrets velero/a'],
    [
      { call: 'deployment', namespace: 'v', name: 'velero' },
      '/apis/apps/v1/namespaces/v/deployments/velero',
      'get deployments.apps v/velero',
    ],
    [
      { call: 'installations' },
      '/apis/embeddedcluster.replicated.com/v1beta1/installations',
      'list installations.embeddedcluster.replicated.com',
    ],
    [{ call: 'pods', namespace: 'velero' }, '/api/v1/namespaces/velero/pods', 'list pods velero'],
    [
      { call: 'podLog', namespace: 'velero', name: 'velero-1' },
      '/api/v1/namespaces/velero/pods/velero-1/log',
      'get pods/log velero/velero-1',
    ],
    [
      { call: 'createServerStatus', namespace: 'velero' },
      '/apis/velero.io/v1/namespaces/velero/serverstatusrequests',
      'create serverstatusrequests.velero.io velero',
    ],
  ] as const)
    it(`is ${words} at ${path}`, () => {
      expect(pathOf(call)).to.equal(path)
      expect(callWords(call)).to.equal(words)
    })

  it('stays within its path, whatever a name holds', () => {
    expect(pathOf({ call: 'pullSecret', namespace: 'velero', name: '../../x?y' })).to.equal(
      '/api/v1/namespaces/velero/secrets/..%2F..%2Fx%3Fy',
    )
  })
})
