import { expect } from 'chai'
import { pluginsOf } from '../../src/embedded-cluster/plugins.ts'
import type { ConfigSchema } from '../../src/facts.ts'
import { configFacts, configOf } from '../support/config-facts.ts'

const plugins = (entries: readonly string[], schema: ConfigSchema, more = '') => pluginsOf(configFacts(configOf(entries, more)), schema)

describe('pluginsOf', () => {
  it('honours imagePullSecret in the schema of the proposal, and as auto takes it', () => {
    const expected = [{ plugin: 'a', image: 'v/a:1', imagePullSecret: 's' }]
    expect(plugins(['{image: v/a:1, imagePullSecret: s}'], 'proposal')).to.deep.equal(expected)
    expect(plugins(['{image: v/a:1, imagePullSecret: s}'], 'auto')).to.deep.equal(expected)
  })
  it('leaves out what Embedded Cluster ignores', () => {
    expect(plugins(['{name: a, image: v/a:1, imagePullSecret: s, imagePullPolicy: Always}'], 'embedded-cluster')).to.deep.equal([
      { plugin: 'a', image: 'v/a:1', imagePullPolicy: 'Always' },
    ])
  })
  it('lists plugins whose image is missing or no reference', () => {
    expect(plugins(['{name: a}', '{name: b, image: "!"}'], 'auto').map(({ image }) => image)).to.deep.equal(['', '!'])
  })
  it("puts the vendor's proxy domain into images, everywhere, as it is written", () => {
    const domain = '  domains: {proxyRegistryDomain: "ec.$&.com"}\n'
    expect(
      plugins(['{name: a, image: proxy.replicated.com/x/proxy.replicated.com/a:1}', '{name: b, image: v/b:1}'], 'auto', domain).map(
        ({ image }) => image,
      ),
    ).to.deep.equal(['ec.$&.com/x/ec.$&.com/a:1', 'v/b:1'])
  })
})
