import { expect } from 'chai'
import { fetchingHosts, namespaceFor, resolvingHosts } from '../../src/containerd/asking.ts'
import { registryHosts } from '../../src/containerd/hosts.ts'
import { nodeTree, root } from './node-tree.ts'

const hosts = (...capabilities: readonly string[]) => {
  const toml = `${capabilities.map((list, index) => `[host."https://m${index}"]\ncapabilities = [${list}]\n`).join('')}`
  const result = registryHosts('a', [root], nodeTree({ 'a/hosts.toml': `server = "https://s"\ncapabilities = ["push"]\n${toml}` }))
  if (!result.ok) throw new Error(result.message)
  return result.hosts
}
const names = (list: readonly { readonly host: string }[]) => list.map(({ host }) => host)

describe('whom a node asks', () => {
  const mixed = hosts('"pull"', '"pull", "resolve"', '"resolve"', '"push"')

  it('for a tag: hosts that may pull and resolve', () => {
    expect(names(resolvingHosts(mixed, 'tag'))).to.deep.equal(['m1'])
  })

  it('for what a digest points at: hosts that may pull', () => {
    expect(names(resolvingHosts(mixed, 'digest'))).to.deep.equal(['m0', 'm1'])
  })

  it('for blobs: all hosts, once one of them may pull', () => {
    expect(names(fetchingHosts(mixed))).to.deep.equal(['m0', 'm1', 'm2', 'm3', 's'])
    expect(fetchingHosts(hosts('"push"'))).to.deep.equal([])
  })
})

describe('the query parameter ns', () => {
  for (const [host, registry, ns] of [
    ['mirror', 'docker.io', 'docker.io'],
    ['registry-1.docker.io', 'docker.io', undefined],
    ['docker.io', 'docker.io', undefined],
    ['a:5000', 'a:5000', undefined],
    ['a', 'a:5000', 'a:5000'],
    ['registry-1.docker.io', 'ghcr.io', 'ghcr.io'],
  ] as const) {
    it(`is ${ns ?? 'not sent'} when ${host} is asked for images of ${registry}`, () => {
      expect(namespaceFor({ host }, registry)).to.equal(ns)
    })
  }
})
