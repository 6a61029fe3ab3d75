import { join } from 'node:path'
import { product, productMs, runOf } from '../commands.ts'
import type { Setting } from '../setting.ts'
import { alternate } from '../statistics.ts'
import { skipped } from '../table.ts'
import type { Rows } from './row.ts'

const hasFlag = async (setting: Setting, flag: string): Promise<boolean> =>
  (await product(setting, [setting.product.bin, 'run', '--help'])).stdout.includes(`${flag} `)

/** A second run of unchanged images. */
export const cache: Rows = {
  name: 'cache',
  async measure(setting) {
    const what = 'second run with binaries, unchanged images, long link'
    if (!(await hasFlag(setting, '--cache-dir'))) return [skipped(what, 'this build keeps no cache')]
    const { far, near, ten, options, folder } = setting
    const directory = ['--cache-dir', join(folder, 'layer-cache')]
    const argv = runOf(setting, far.host, ten, 'image,binaries', directory)
    const argvNear = runOf(setting, near.host, ten, 'image,binaries', directory)
    const argvImage = runOf(setting, far.host, ten, 'image', directory)
    await productMs(setting, argvNear)
    const before = await near.traffic()
    await productMs(setting, argvNear)
    const fetched = (await near.traffic()).downBytes - before.downBytes
    const { second, alone } = await alternate(
      { second: () => productMs(setting, argv), alone: () => productMs(setting, argvImage) },
      options.runs,
    )
    return [
      {
        what: `${what}, against the image check alone`,
        measured: [
          { name: 'second run', value: second, unit: 'ms' },
          { name: 'image check', value: alone, unit: 'ms' },
        ],
        ratio: { name: 'times that', value: second / alone, atMost: 1.3 },
      },
      {
        what: `${what}: what is fetched (manifests and configs)`,
        measured: [{ name: 'fetched', value: fetched / 1e6, unit: 'MB' }],
        ratio: { name: '% of the images', value: (100 * fetched) / setting.imagesBytes, atMost: 0.5 },
      },
    ]
  },
}

/** Layers that say what they hold. */
export const tablesOfContents: Rows = {
  name: 'estargz',
  measure: async () => [skipped('bytes fetched to list eStargz layers', 'this build reads no tables of contents')],
}
