import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { writeAirgapBundle } from '../airgap-bundle.ts'
import { everything, file, productMs } from '../commands.ts'
import { benchImage, pluginName } from '../images.ts'
import { msOf } from '../processes.ts'
import { findPeer } from '../programs.ts'
import type { Setting } from '../setting.ts'
import { alternate } from '../statistics.ts'
import { type Row, skipped } from '../table.ts'
import type { Rows } from './row.ts'

/** An air-gap bundle of 6 GB that nothing makes smaller, with three plugins in it. */
export const airgap: Rows = {
  name: 'airgap',
  async measure(setting) {
    const { options, product } = setting
    const tar = findPeer('tar')
    if (tar === undefined) return [skipped('plugins in an air-gap bundle, against tar -tzf', 'tar is not installed')]
    const large = await bundleOf(setting, 6e9 * options.scale)
    const small = await bundleOf(setting, 2e8)
    const argvOf = ({ path, config }: Bundle, checks: string) => [
      ...[product.bin, 'run', '--airgap-bundle', path, '--config', config],
      ...['--checks', checks, '--no-bundle', '--quiet', '--timeout', '30m', ...everything],
    ]
    const full = 'config,airgap,image,binaries'
    const hook = fileURLToPath(new URL('../peak-memory.ts', import.meta.url))
    const peak = file(setting, '')
    const peakOf = async (bundle: Bundle): Promise<number> => {
      await msOf(product.node, ['--import', hook, ...argvOf(bundle, full)], { env: { BENCH_PEAK_FILE: peak } })
      return Number(readFileSync(peak, 'utf8')) / 1024
    }
    const { list, find, read } = await alternate(
      {
        list: () => msOf('bash', ['-c', '"$0" -tzf "$1" >/dev/null', tar, large.path]),
        find: () => productMs(setting, argvOf(large, 'airgap')),
        read: () => productMs(setting, argvOf(large, full)),
      },
      options.runs,
    )
    const memory = await alternate({ large: () => peakOf(large), small: () => peakOf(small) }, Math.min(options.runs, 3))
    const size = `${(statSync(large.path).size / 1e9).toFixed(1)} GB`
    const row = (what: string, value: number, atMost: number): Row => ({
      what: `${what} an air-gap bundle of ${size}, against tar -tzf of it`,
      measured: [
        { name: 'product', value, unit: 'ms' },
        { name: 'tar -tzf', value: list, unit: 'ms' },
      ],
      ratio: { name: 'times that', value: value / list, atMost },
    })
    return [
      row('finding three plugins in', find, 1.2),
      row('finding and reading three plugins in', read, 2),
      {
        what: `peak memory with an air-gap bundle of ${size}, against one of 0.2 GB`,
        measured: [
          { name: 'large', value: memory.large, unit: 'MB' },
          { name: 'small', value: memory.small, unit: 'MB' },
        ],
        ratio: { name: 'MB more', value: memory.large - memory.small, atMost: 30 },
      },
    ]
  },
}

interface Bundle {
  readonly path: string
  readonly config: string
}

const bundleOf = async (setting: Setting, sizeBytes: number): Promise<Bundle> => {
  const path = file(setting, '')
  const plugins = [0, 1, 2].map(index => ({
    image: `registry.example.com/acme/${pluginName(index)}:v1`,
    built: benchImage(index, Math.min(1, sizeBytes / 6e8)),
  }))
  return { path, config: file(setting, await writeAirgapBundle(path, sizeBytes, plugins)) }
}
