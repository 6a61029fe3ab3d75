import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface Memory {
  /** Velero's own processes: the server, and those of its built-in plugins. */
  readonly serverBytes: number
  /** Of the programs under /plugins. */
  readonly pluginBytes: number
  readonly plugins: number
}

/** The memory that Velero and its plugins have now, each page that several share in equal parts (smaps_rollup, Pss). */
export const memoryNow = (): Memory => {
  let [serverBytes, pluginBytes, plugins] = [0, 0, 0]
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      const program = readlinkSync(`/proc/${pid}/exe`)
      const isPlugin = program.startsWith('/plugins/')
      if (!isPlugin && program !== '/velero') continue
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
export const mostMemoryDuring = async (work: Promise<unknown>): Promise<Memory> => {
  let most = memoryNow()
  const timer = setInterval(() => {
    const now = memoryNow()
    if (now.serverBytes + now.pluginBytes > most.serverBytes + most.pluginBytes) most = now
  }, 100)
  try {
    await work
  } finally {
    clearInterval(timer)
  }
  return most
}
