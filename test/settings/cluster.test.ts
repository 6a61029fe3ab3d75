import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { clusterOf } from '../../src/settings/cluster.ts'

describe('which cluster', () => {
  const home = { HOME: '/home/bob' }
  for (const [what, flags, env, expected] of [
    ['--kubeconfig, which has to be there', { kubeconfig: 'k' }, { ...home, KUBECONFIG: 'a:b' }, { kubeconfigs: ['k'], required: true }],
    ['KUBECONFIG, a list', {}, { ...home, KUBECONFIG: 'a::b' }, { kubeconfigs: ['a', 'b'], required: false }],
    ['the home folder', {}, { ...home, KUBECONFIG: '' }, { kubeconfigs: ['/home/bob/.kube/config'], required: false }],
    ['nothing', {}, {}, { kubeconfigs: [], inCluster: undefined }],
    ['a context of it', { context: 'c' }, home, { context: 'c' }],
  ] as const)
    it(`is said by ${what}`, () => {
      expect(clusterOf({ fromCluster: true, ...flags }, env)).to.deep.include(expected)
    })

  it('is in a pod said by its environment', () => {
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' }
    expect(clusterOf({ fromCluster: true }, env)?.inCluster).to.include({ host: '10.0.0.1', port: '443' })
  })

  it('is none without --from-cluster, and flags that say which are a mistake then', () => {
    expect(clusterOf({}, { KUBECONFIG: 'a' })).to.equal(undefined)
    for (const flags of [{ kubeconfig: 'k' }, { context: 'c' }])
      expect(() => clusterOf(flags, {}))
        .to.throw(PreflightError, 'no cluster is read')
        .with.property('code', 'USAGE')
    for (const flags of [{ kubeconfig: '' }, { context: '' }])
      expect(() => clusterOf({ fromCluster: true, ...flags }, {}))
        .to.throw(PreflightError)
        .with.property('code', 'USAGE')
  })
})
