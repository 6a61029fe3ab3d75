import { expect } from 'chai'
import type { AnalyzeInput } from '../../src/analyzers/analyzer.ts'
import { image } from '../../src/analyzers/image.ts'
import type { ImageFact, NodeRoute } from '../../src/facts/image.ts'

const digest = `sha256:${'0'.repeat(64)}`
const anonymous = { kind: 'anonymous' } as const
const plugin = { plugin: 'pg', image: 'registry.example.com/acme/pg:v1' }
const host = { host: 'mirror.example.com:5000', plain: false, unverified: false, resolves: true }
const route = (more: Partial<NodeRoute> = {}): NodeRoute => ({ files: ['/certs.d/r/hosts.toml'], hosts: [host], problems: [], ...more })

const found = (more: Partial<Extract<ImageFact, { ok: true }>> = {}): ImageFact => ({
  ...plugin,
  attempts: [{ credential: anonymous, ok: true, digest }],
  otherAttempts: [],
  ok: true,
  reference: plugin.image,
  host: 'mirror.example.com:5000',
  digest,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  kind: 'manifest',
  credential: anonymous,
  platforms: ['linux/amd64'],
  required: [{ platform: 'linux/amd64', ok: true, digest, mediaType: '', configPlatform: 'linux/amd64', layersBytes: 1, layers: 1 }],
  warnings: [],
  ...more,
})

const judge = (fact: ImageFact) => {
  const input = { plugins: [plugin], platforms: ['linux/amd64'], read: () => [fact] } as unknown as AnalyzeInput
  return image.analyze(input)[0]!.findings
}
const codes = (fact: ImageFact) => judge(fact).map(({ code, status }) => `${status} ${code}`)

describe('image analyzer: the way of a node', () => {
  it('is evidence: who is asked in which order, who answered, through which proxy, and what is left to pull', () => {
    const [resolved] = judge(
      found({
        node: route({
          hosts: [
            { ...host, resolves: false },
            { ...host, host: 'registry.example.com' },
          ],
        }),
        host: 'registry.example.com',
        fetchedFrom: 'mirror.example.com:5000',
        passedOver: [{ host: 'cold.example.com', status: 404, message: 'it answered with status 404' }],
        proxy: 'proxy.example.com:3128',
        quota: { remaining: 76, limit: 100, windowSeconds: 21600 },
      }),
    )
    expect(resolved?.code).to.equal('IMAGE_RESOLVED')
    expect(resolved?.evidence?.slice(2)).to.deep.equal([
      'a node asks mirror.example.com:5000 (digests alone), then registry.example.com, as /certs.d/r/hosts.toml says',
      'passed over: cold.example.com: it answered with status 404',
      'answered by registry.example.com, manifest from mirror.example.com:5000',
      'through the proxy proxy.example.com:3128',
      'registry.example.com says that 76 of 100 pulls are left in 6 h',
    ])
  })

  it('is not spoken of where no settings of a node were given', () => {
    const [resolved] = judge(found())
    expect(resolved?.evidence?.length).to.equal(2)
  })

  for (const [title, fact, code] of [
    ['mirrors that are silently off', found({ node: route({ problems: [{ effect: 'off', message: 'Line 3.' }] }) }), 'IMAGE_MIRRORS_OFF'],
    ['a key that does nothing', found({ node: route({ problems: [{ effect: 'doubtful', message: 'Key x.' }] }) }), 'IMAGE_NODE_SETTINGS'],
    ['a certificate that is not checked', found({ node: route({ hosts: [{ ...host, unverified: true }] }) }), 'IMAGE_HOST_UNVERIFIED'],
    ['plain HTTP', found({ node: route({ hosts: [{ ...host, plain: true }] }) }), 'IMAGE_HOST_PLAIN'],
    ['a mirror that fails', found({ node: route(), passedOver: [{ host: 'm', message: 'refused' }] }), 'IMAGE_MIRROR_FAILED'],
    [
      'a mirror that wants a login',
      found({ node: route(), passedOver: [{ host: 'm', status: 401, message: '401' }] }),
      'IMAGE_MIRROR_FAILED',
    ],
    ['a mirror that has another image', found({ node: route(), upstream: `sha256:${'1'.repeat(64)}` }), 'IMAGE_MIRROR_DIFFERS'],
    ['no pulls left', found({ quota: { remaining: 0, limit: 100 } }), 'IMAGE_QUOTA_LOW'],
    ['ten of a hundred pulls left', found({ quota: { remaining: 10, limit: 100 } }), 'IMAGE_QUOTA_LOW'],
    ['five pulls left of an unknown number', found({ quota: { remaining: 5 } }), 'IMAGE_QUOTA_LOW'],
  ] as const)
    it(`is a warn with ${title}`, () => {
      const findings = judge(fact)
      expect(findings.map(one => `${one.status} ${one.code}`)).to.deep.equal([`warn ${code}`, 'pass IMAGE_RESOLVED'])
      expect(findings[0]?.message).to.match(/^pg: /).and.to.contain(plugin.image)
    })

  for (const [title, fact] of [
    ['a mirror that lacks the image', found({ node: route(), passedOver: [{ host: 'm', status: 404, message: '404' }] })],
    ['a mirror that has the same image', found({ node: route(), upstream: digest })],
    ['eleven of a hundred pulls left', found({ quota: { remaining: 11, limit: 100 } })],
  ] as const)
    it(`is no warn with ${title}`, () => expect(codes(fact)).to.deep.equal(['pass IMAGE_RESOLVED']))

  const lost = (code: 'NODE_HOSTS_REFUSED' | 'NODE_HOSTS_UNREAD' | 'REGISTRY_TIMEOUT', node?: NodeRoute): ImageFact => {
    const failure = { ok: false, code, message: 'It says why.', hint: 'Do something.' } as const
    return { ...plugin, attempts: [{ credential: anonymous, ...failure }], otherAttempts: [], ...failure, ...(node && { node }) }
  }
  it('is a fail where containerd refuses its own settings, and where they cannot be read here', () => {
    expect(codes(lost('NODE_HOSTS_REFUSED'))).to.deep.equal(['fail IMAGE_NODE_REFUSES'])
    expect(codes(lost('NODE_HOSTS_UNREAD'))).to.deep.equal(['fail IMAGE_NODE_UNKNOWN'])
  })
  it('is told too where the image was not found: it may be why', () => {
    const node = route({ problems: [{ effect: 'off', message: 'Line 3.' }] })
    expect(codes(lost('REGISTRY_TIMEOUT', node))).to.deep.equal(['fail IMAGE_TIMEOUT', 'warn IMAGE_MIRRORS_OFF'])
  })
})
