import { expect } from 'chai'
import { addonImages } from '../../../src/embedded-cluster/values/addon-images.ts'
import { type HelmValues, helmValues, sorted } from '../../../src/embedded-cluster/values/helm-values.ts'
import { configFacts, configOf } from '../../support/config-facts.ts'

interface Made {
  readonly image: { readonly tag: string; readonly repository: string; readonly imagePullSecrets?: readonly string[] }
  readonly initContainers: readonly { readonly name: string; readonly image: string; readonly imagePullPolicy: string }[]
  readonly resources?: object
  readonly x?: string
}

const made = (plugins: readonly string[], options: Partial<Parameters<typeof helmValues>[1]> = {}): Made =>
  JSON.parse(
    JSON.stringify(
      helmValues(configFacts(configOf([...plugins]))[0]!, {
        schema: 'proposal',
        proxyRegistryDomain: '',
        images: addonImages[0]!,
        architecture: 'amd64',
        override: undefined,
        ...options,
      }),
    ),
  )
const names = (values: Made) => values.initContainers.map(({ name }) => name)

describe('helmValues', () => {
  it("keeps Embedded Cluster's own plugin where there are no others", () => {
    expect(names(made([]))).to.deep.equal(['velero-plugin-for-aws'])
  })
  it('puts the plugins after it, in their order', () => {
    expect(names(made(['{name: b, image: v/b:1}', '{name: a, image: v/a:1}']))).to.deep.equal(['velero-plugin-for-aws', 'b', 'a'])
  })
  it('mounts the volume of the plugins, and pulls what is not there', () => {
    expect(made(['{name: a, image: v/a:1}']).initContainers[1]).to.deep.equal({
      name: 'a',
      image: 'v/a:1',
      imagePullPolicy: 'IfNotPresent',
      volumeMounts: [{ mountPath: '/target', name: 'plugins' }],
    })
  })
  it('keeps a pull policy that is written', () => {
    expect(made(['{name: a, image: v/a:1, imagePullPolicy: Always}']).initContainers[1]?.imagePullPolicy).to.equal('Always')
  })
  it('gives the pod each pull secret once', () => {
    const plugins = ['{image: v/a:1, imagePullSecret: s}', '{image: v/b:1, imagePullSecret: t}', '{image: v/c:1, imagePullSecret: s}']
    expect(made(plugins).image.imagePullSecrets).to.deep.equal(['s', 't'])
  })
  it('gives the pod none in the schema of Embedded Cluster, which ignores them', () => {
    expect(made(['{name: a, image: v/a:1, imagePullSecret: s}'], { schema: 'embedded-cluster' }).image).to.not.have.property(
      'imagePullSecrets',
    )
  })
  it('leaves no proxy.replicated.com where a domain takes its place', () => {
    const text = JSON.stringify(made(['{image: proxy.replicated.com/p/a:1}'], { proxyRegistryDomain: 'ec.example.com' }))
    expect(text).to.contain('ec.example.com/p/a:1').and.contain('ec.example.com/library/velero').and.not.contain('proxy.replicated.com')
  })
  it('merges an override in after all else', () => {
    const override = { image: { tag: 'v9' }, resources: { limits: {} } } as HelmValues
    const { image, resources, initContainers } = made(['{name: a, image: v/a:1}'], { override })
    expect([image.tag, resources, initContainers.length]).to.deep.equal(['v9', { limits: {} }, 2])
    expect(image.repository).to.equal('proxy.replicated.com/library/velero')
  })
  it('leaves what an override says of the proxy as it is, as Embedded Cluster does', () => {
    const override = { x: 'proxy.replicated.com/y' } as HelmValues
    expect(made([], { override, proxyRegistryDomain: 'ec.example.com' }).x).to.equal('proxy.replicated.com/y')
  })
  it('takes the images of the other architecture', () => {
    expect(made([], { architecture: 'arm64' }).initContainers[0]?.image).to.match(/:v1\.14\.2-arm64@sha256:1367e83e/)
  })
})

describe('sorted', () => {
  it('sorts keys by their letters and leaves lists alone', () => {
    expect(JSON.stringify(sorted({ b: [{ d: 1, c: 2 }, 'a'], a: null }))).to.equal('{"a":null,"b":[{"c":2,"d":1},"a"]}')
  })
})
