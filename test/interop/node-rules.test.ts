import { expect } from 'chai'
import fc from 'fast-check'
import { registryHosts } from '../../src/containerd/hosts.ts'
import { filesFrom } from '../../src/containerd/node-files.ts'
import { sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import { parseManifest } from '../../src/oci/manifest.ts'
import { parsePlatform } from '../../src/oci/platform.ts'
import { imageForPlatform } from '../../src/oci/platform-image.ts'
import { familiarReference, parseReference } from '../../src/oci/reference.ts'
import { proxyFor } from '../../src/world/proxy-rules.ts'
import { goProgram } from './go-program.ts'
import { hosts } from './node-questions/hosts.ts'
import { platforms } from './node-questions/platforms.ts'
import { proxySettings } from './node-questions/proxies.ts'
import type { Question } from './node-questions/question.ts'
import { references } from './node-questions/references.ts'
import { succeed } from './peers.ts'

/** What nodes run today. */
const modules = [
  'github.com/containerd/containerd/v2@v2.4.2',
  'github.com/distribution/reference@v0.6.0',
  'golang.org/x/net/http/httpproxy@v0.58.0',
]

type Answer = Readonly<Record<string, unknown>>
const refused: Answer = { error: true }

/** Ours, where an error that is no answer is a defect. */
const answer = async (question: Question): Promise<Answer> => {
  try {
    return await answers[question.kind](question as never)
  } catch (error) {
    if (error instanceof PreflightError) return refused
    throw error
  }
}

const answers: { readonly [kind in Question['kind']]: (question: Extract<Question, { kind: kind }>) => Answer | Promise<Answer> } = {
  reference({ reference }) {
    const image = parseReference(reference)
    const { domain, path, tag, digest } = image
    return { domain, path, familiar: familiarReference(image), ...(tag && { tag }), ...(digest && { digest }) }
  },
  async platform({ want, root, blobs }) {
    const given = new Map(blobs.map(text => [sha256(text), Buffer.from(text)]))
    const read = async ({ digest }: { readonly digest: string }) => given.get(digest)!
    const manifest = parseManifest(await read(root), root.mediaType)
    const image = await imageForPlatform({ digest: root.digest, manifest }, parsePlatform(want), { manifest: read, blob: read })
    return { manifest: image.manifest.annotations?.n }
  },
  hosts({ host, files }) {
    const root = '/etc/containerd/certs.d'
    const result = registryHosts(host, [root], filesFrom(new Map(Object.entries(files).map(([name, text]) => [`${root}/${name}`, text]))))
    if (!result.ok) return refused
    return {
      hosts: result.hosts.map(({ scheme, host, path, capabilities, header, skipVerify, httpFallback }) => ({
        scheme,
        host,
        path,
        capabilities,
        ...(Object.keys(header).length > 0 ? { header } : {}),
        ...(httpFallback ? { httpFallback } : skipVerify ? { skipVerify } : {}),
      })),
    }
  },
  proxy({ http, https, no, url }) {
    return { proxy: proxyFor({ httpProxy: http, httpsProxy: https, noProxy: no }, new URL(url)) ?? null }
  },
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}

describe('what a node makes of references, indexes, hosts folders and proxies, by the code that it runs', () => {
  let program: string
  before(async function () {
    program = await goProgram(this, 'node-rules', modules)
  })

  const count = process.env.INTEROP === 'full' ? 40_000 : 3000
  for (const [name, questions] of Object.entries({ references, platforms, hosts, proxySettings })) {
    it(`is what we make of them: ${name}`, async () => {
      const asked = fc.sample<Question>(questions, { numRuns: count, seed: 1 })
      const output = await succeed(program, [], { input: asked.map(question => `${JSON.stringify(question)}\n`).join('') })
      const theirs = output
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line) as Answer)
      expect(theirs).to.have.length(count)
      const differing: unknown[] = []
      for (const [index, question] of asked.entries()) {
        const their = theirs[index]!
        const our = await answer(question)
        if (JSON.stringify(sorted(our)) === JSON.stringify(sorted(their.error === undefined ? their : refused))) continue
        differing.push({ question, our, their })
      }
      expect(
        differing.slice(0, 20).map(each => JSON.stringify(each)),
        `${differing.length} of ${count} differ`,
      ).to.deep.equal([])
      // Else only refusals would be compared
      expect(theirs.filter(({ error }) => error === undefined)).to.have.length.above(count / 20)
    }).timeout(120_000)
  }
})
