import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface Memory {
  /** Velero's own processes: the server, and those of its built-in plugins. */
  readonly serverBytes: number
  /** Of the programs under /plugins. */
  readonly pluginBytes: number
  readonly plugins: number
}

/**
 * The memory that the Velero of one cluster and its plugins have now, each page that several share in equal parts (smaps_rollup, Pss).
 *
 * @param api port of the cluster's API server, which all of them have in their environment
 */
export const memoryNow = (api: string): Memory => {
  let [serverBytes, pluginBytes, plugins] = [0, 0, 0]
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      const program = readlinkSync(`/proc/${pid}/exe`)
      const isPlugin = program.startsWith('/plugins/')
      if (!isPlugin && program !== '/velero') continue
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`KUBERNETES_SERVICE_PORT=${api}`)) continue
      const bytes = Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024
      if (isPlugin) {
        pluginBytes += bytes
        plugins++
      } else serverBytes += bytes
    } catch {
      // It has ended, or is of the kernel.
    }
  }
  return { serverBytes, pluginBytes, plugins }
}

/** Looks every 100 ms until `work` is done; the moment when all had most. */
export const mostMemoryDuring = async (api: string, work: Promise<unknown>): Promise<Memory> => {
  let most = memoryNow(api)
  const timer = setInterval(() => {
    const now = memoryNow(api)
    if (now.serverBytes + now.pluginBytes > most.serverBytes + most.pluginBytes) most = now
  }, 100)
  try {
    await work
  } finally {
    clearInterval(timer)
  }
  return most
}
