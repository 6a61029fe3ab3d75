import { readFileSync, writeFileSync } from 'node:fs'

/**
 * The most memory that this process ever had, in KiB. Linux gives a new program the maximum of the process that started it in
 * getrusage, so that only its own table says the truth.
 */
const peakKib = (): number => {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
  } catch {
    return process.resourceUsage().maxRSS
  }
}

// Loaded before the program that is measured.
process.on('exit', () => writeFileSync(process.env.BENCH_PEAK_FILE ?? '', String(peakKib())))
