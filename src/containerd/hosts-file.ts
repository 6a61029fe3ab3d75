import { printable } from '../redact.ts'
import { type HostTable, hostKeys, readHostTable } from './host-table.ts'
import { isTable, readToml, type TomlFault, type TomlTable } from './toml.ts'
import { type Fields, fieldsOf, tablePath } from './toml-fields.ts'

export type HostsFile =
  | {
      readonly ok: true
      /** In the order in which they are asked; the last one is `server`, without a host where the file names none. */
      readonly hosts: readonly HostTable[]
      /** Hosts that the file names in a way in which containerd does not look for them. */
      readonly unread: readonly string[]
      /** Keys that containerd does not know, with their tables. */
      readonly unknown: readonly string[]
    }
  | ({ readonly ok: false } & TomlFault)

/**
 * Reads a hosts.toml that lies in `folder`. One wrong value anywhere makes containerd put the whole file aside.
 *
 * @see https://github.com/containerd/containerd/blob/v2.4.2/core/remotes/docker/config/hosts.go (parseHostsFile)
 */
export const readHostsFile = (bytes: Uint8Array, folder: string): HostsFile => {
  const toml = readToml(bytes)
  if (!toml.ok) return toml
  const faults: string[] = []
  const fault = (message: string) => faults.push(message)

  const root = fieldsOf(toml.table, '', fault)
  const tables = hostTables(root.table('host') ?? {}, fault)
  const order = inOrder(toml.headers)
  const hosts = order.map(name => {
    const where = tablePath('host', name)
    return readHostTable(name, tables.get(name) ?? fieldsOf({}, where, fault), where, folder, fault)
  })
  const server = readHostTable(root.string('server') ?? '', root, '', folder, fault)
  const asked = new Set(order)
  const unread = [...tables.keys()].filter(name => !asked.has(name))
  for (const name of unread) checkTypes(tables.get(name)!)

  const [message] = faults
  if (message !== undefined) return { ok: false, message }
  const unknown = [...tables].flatMap(([name, fields]) =>
    fields.unknown(hostKeys).map(key => `${tablePath('host', name)}${printable(key)}`),
  )
  return {
    ok: true,
    hosts: [...hosts, server],
    unread,
    unknown: [...root.unknown(['server', 'host', ...hostKeys]).map(key => printable(key)), ...unknown],
  }
}

const hostTables = (host: TomlTable, fault: (message: string) => void): ReadonlyMap<string, Fields> =>
  new Map(
    Object.entries(host).map(([name, value]) => {
      const where = tablePath('host', name)
      if (!isTable(value)) fault(`${where.slice(0, -1)} is not a table`)
      return [name, fieldsOf(isTable(value) ? value : {}, where, fault)]
    }),
  )

/**
 * Only `[host."…"]` headers count, in their order; one that comes back after another host, as `[host."…".header]` may, is
 * asked once more (getSortedHosts). Hosts written as `host = {…}` or with dotted keys are not asked at all.
 */
const inOrder = (headers: readonly (readonly string[])[]): readonly string[] => {
  const names = headers.flatMap(([first, second]) => (first === 'host' && second !== undefined ? [second] : []))
  return names.filter((name, index) => name !== (names[index - 1] ?? ''))
}

/** Of a host that is not asked, only the types count. */
const checkTypes = (fields: Fields): void => {
  fields.strings('capabilities')
  fields.boolean('skip_verify')
  fields.table('header')
  fields.boolean('override_path')
  fields.string('dial_timeout')
}
