import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { everything, file, productMs, runOf } from '../commands.ts'
import { msOf } from '../processes.ts'
import type { LayerRepository, Setting } from '../setting.ts'
import { alternate } from '../statistics.ts'
import type { Rows } from './row.ts'

/** Memory and speed with a layer of 1 GiB. */
export const largeLayer: Rows = {
  name: 'large',
  async measure(setting) {
    const { registry, large, small, options, product } = setting
    const argvOf = (layer: LayerRepository) => runOf(setting, registry.host, [layer.repository], 'binaries', everything)
    const peak = file(setting, '')
    const peakOf = async (layer: LayerRepository): Promise<number> => {
      const hook = fileURLToPath(new URL('../peak-memory.ts', import.meta.url))
      await msOf(product.node, ['--import', hook, ...argvOf(layer)], { env: { BENCH_PEAK_FILE: peak } })
      return Number(readFileSync(peak, 'utf8')) / 1024
    }
    const memory = await alternate({ large: () => peakOf(large), small: () => peakOf(small) }, options.runs)
    const [argv, bareLayer] = [argvOf(large), fileURLToPath(new URL('../bare-layer.ts', import.meta.url))]
    const speed = await alternate(
      { ours: () => productMs(setting, argv), bare: () => msOf(process.execPath, [bareLayer, large.file]) },
      options.runs,
    )
    const size = `${Math.round(large.rawBytes / 2 ** 20)} MiB`
    return [
      {
        what: `peak memory with a layer of ${size}, against one of 10 MiB`,
        measured: [
          { name: 'large', value: memory.large, unit: 'MB' },
          { name: 'small', value: memory.small, unit: 'MB' },
        ],
        ratio: { name: 'MB more', value: memory.large - memory.small, atMost: 30 },
      },
      {
        what: `throughput with a layer of ${size}, against node:zlib and two sha256 alone`,
        measured: [
          { name: 'product', value: rate(setting, speed.ours), unit: 'MB/s' },
          { name: 'alone', value: rate(setting, speed.bare), unit: 'MB/s' },
        ],
        ratio: { name: '% of that', value: (100 * speed.bare) / speed.ours, atLeast: 85 },
      },
    ]
  },
}

const rate = ({ large }: Setting, ms: number): number => large.rawBytes / 1e6 / (ms / 1000)
