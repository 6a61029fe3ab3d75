import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afresh, product, productMs, runOf } from '../commands.ts'
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
  async measure(setting) {
    const { near, stargz, imagesBytes, folder } = setting
    const into = join(folder, 'stargz-facts')
    const config = runOf(setting, near.host, stargz, 'binaries').find((_, index, argv) => argv[index - 1] === '--config')!
    const before = await near.traffic()
    const collect = ['collect', '--config', config, '--schema', 'embedded-cluster', '--checks', 'binaries', '--quiet', '-o', into]
    await product(setting, [setting.product.bin, ...collect, ...afresh])
    const all = (await near.traffic()).downBytes - before.downBytes
    const { items } = JSON.parse(readFileSync(join(into, 'velero-plugins', 'facts', 'binaries.json'), 'utf8')) as BinariesFacts
    const declared = items.flatMap(({ layers }) => layers.flatMap(layer => layer.declared ?? []))
    const tables = declared.reduce((sum, { tableBytes }) => sum + tableBytes, 0)
    const measured = [
      { name: 'tables', value: tables / 1e6, unit: 'MB' },
      { name: 'with programs and small layers', value: all / 1e6, unit: 'MB' },
      { name: 'images', value: imagesBytes / 1e6, unit: 'MB' },
    ] as const
    const ratio = { name: '% of the images', value: (100 * tables) / imagesBytes, atMost: 2 }
    return [{ what: 'bytes fetched to list 10 images of eStargz layers', measured, ratio }]
  },
}

interface BinariesFacts {
  readonly items: readonly { readonly layers: readonly { readonly declared?: { readonly tableBytes: number } }[] }[]
}
