import { expect } from 'chai'
import { registryHosts } from '../../src/containerd/hosts.ts'
import { filesFrom } from '../../src/containerd/node-files.ts'
import type { RegistryHost } from '../../src/containerd/registry-host.ts'
import { oracle, rowsOrSkip } from './oracle.ts'

interface Row {
  readonly host: string
  readonly files: Readonly<Record<string, string>>
  readonly hosts?: readonly Answer[]
  readonly error?: string
}

interface Answer {
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly capabilities: readonly string[]
  readonly header?: Readonly<Record<string, readonly string[]>>
  readonly skipVerify?: true
}

/** The oracle reads `skipVerify` off the transport, which containerd hides behind its HTTP fallback where there is one. */
const answerOf = ({ scheme, host, path, capabilities, header, skipVerify, httpFallback }: RegistryHost): Answer => ({
  capabilities,
  ...(Object.keys(header).length > 0 ? { header } : {}),
  host,
  path,
  scheme,
  ...(skipVerify && !httpFallback ? { skipVerify } : {}),
})

const root = '/etc/containerd/certs.d'

describe("hosts.toml as containerd 2.4 reads it (the oracle's rows)", () => {
  it('gives the same hosts in the same order, or refuses as it does', function () {
    const rows = rowsOrSkip(this, oracle<Row>('hosts'))
    expect(rows).to.have.length.of.at.least(500)
    const differing = rows.flatMap(row => {
      const files = Object.entries(row.files).map(([name, text]) => [`${root}/${name}`, text] as const)
      const result = registryHosts(row.host, [root], filesFrom(new Map(files)))
      const ours = result.ok ? { hosts: result.hosts.map(answerOf) } : { refused: result.refused }
      const theirs = row.error === undefined ? { hosts: row.hosts } : { refused: true }
      return JSON.stringify(sorted(ours)) === JSON.stringify(sorted(theirs)) ? [] : [{ row, ours }]
    })
    expect(differing).to.deep.equal([])
  })
})

/** With keys in one order, so that texts can be compared. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
