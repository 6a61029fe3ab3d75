import { registryHosts } from '../../src/containerd/hosts.ts'
import { parseReference } from '../../src/oci/reference.ts'
import type { HostsOf } from '../../src/world/hosts-dir.ts'
import type { RegistryOptions } from '../../src/world/registry.ts'
import { nodeTree, root } from '../containerd/node-tree.ts'
import type { TestRegistry, TestRegistryOptions } from './registry.ts'
import { jumpingClock, newClient, smallImage, startAnother } from './registry-client.ts'

/** What a node asks whose folders hold these files: `registry.test/hosts.toml`. */
export const hostsFrom =
  (files: Readonly<Record<string, string>>): HostsOf =>
  registry =>
    registryHosts(registry, [root], nodeTree(files))

/** Each question as `name method path`, of all registries in the order that each was asked in. */
export const asked = (registries: Readonly<Record<string, TestRegistry>>): readonly string[] =>
  Object.entries(registries).flatMap(([name, { requests }]) => requests.map(({ method, path }) => `${name} ${method} ${path}`))

/** `registry.test/acme/plugin:v1`, a mirror of it, and what stands upstream; names lead to loopback. Closed by closeAll. */
export const setupMirror = async (
  toml: (hosts: { readonly mirror: string; readonly upstream: string }) => string,
  options: {
    readonly mirror?: TestRegistryOptions
    readonly upstream?: TestRegistryOptions
    readonly files?: Readonly<Record<string, string>>
    readonly client?: RegistryOptions
    readonly registry?: string
  } = {},
) => {
  const mirror = await startAnother({ name: 'mirror.test', ...options.mirror })
  const upstream = await startAnother({ name: 'upstream.test', ...options.upstream })
  const { registry = 'registry.test' } = options
  const clock = jumpingClock()
  const files = { [`${registry}/hosts.toml`]: toml({ mirror: mirror.origin, upstream: upstream.origin }), ...options.files }
  const client = newClient({ clock, lookup: async () => ['127.0.0.1'], hostsOf: hostsFrom(files), ...options.client })
  const pushed = smallImage()
  return { mirror, upstream, client, clock, pushed, image: parseReference(`${registry}/acme/plugin:v1`) }
}

/** One mirror before the upstream registry. */
export const mirrorThenUpstream = ({ mirror, upstream }: { readonly mirror: string; readonly upstream: string }): string =>
  `server = "${upstream}"\n[host."${mirror}"]\n`
