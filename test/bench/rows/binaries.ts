import { join } from 'node:path'
import { product, productMs, quoted, references, runOf, shellMs } from '../commands.ts'
import { findPeer } from '../programs.ts'
import type { Setting } from '../setting.ts'
import { alternate } from '../statistics.ts'
import { type Row, skipped } from '../table.ts'
import type { Rows } from './row.ts'

/** A full run on loopback, where every byte of every layer has to be read. */
export const binaries: Rows = {
  name: 'binaries',
  async measure(setting) {
    const what = 'full run with binaries of 10 images, loopback, against skopeo copy and tar'
    const { registry, ten, options } = setting
    const skopeo = findPeer('skopeo')
    if (skopeo === undefined) return [skipped(what, 'skopeo is not installed')]
    const all = await proveFlags(setting)
    const argv = runOf(setting, registry.host, ten, 'config,image,pullSecret,binaries', all)
    const script = references(registry.host, ten).map(reference => copyAndList(setting, skopeo, reference))
    const { ours, peer } = await alternate(
      { ours: () => productMs(setting, argv), peer: () => shellMs(setting, script.join('\n')) },
      options.runs,
    )
    const measured = [
      { name: 'product', value: ours, unit: 'ms' },
      { name: 'skopeo and tar, one after the other', value: peer, unit: 'ms' },
    ] as const
    const row: Row = { what, measured, ratio: { name: 'times faster', value: peer / ours, atLeast: 3 } }
    if (all.length === 0) return [row]
    const stopping = runOf(setting, registry.host, ten, 'config,image,pullSecret,binaries', ['--no-cache'])
    const early = await alternate(
      { ours: () => productMs(setting, stopping), peer: () => shellMs(setting, script.join('\n')) },
      options.runs,
    )
    return [
      row,
      {
        what: `${what}, where a stop is proven`,
        measured: [
          { name: 'product', value: early.ours, unit: 'ms' },
          { name: 'skopeo and tar, one after the other', value: early.peer, unit: 'ms' },
        ],
        ratio: { name: 'times faster', value: early.peer / early.ours, atLeast: 4 },
      },
    ]
  },
}

/** Flags that make it read everything, as far as this build knows how not to. */
const proveFlags = async (setting: Setting): Promise<readonly string[]> => {
  const { stdout } = await product(setting, [setting.product.bin, 'run', '--help'])
  return ['--prove', '--no-cache'].filter(flag => stdout.includes(`${flag} `))
}

const copyAndList = ({ folder }: Setting, skopeo: string, reference: string): string => {
  const to = quoted(join(folder, 'copied'))
  return [
    `rm -rf ${to}`,
    `${quoted(skopeo)} copy --quiet --src-tls-verify=false docker://${reference} dir:${to}`,
    `for layer in ${to}/*; do case $(head -c 2 "$layer" | od -An -tx1) in " 1f 8b") tar -tzf "$layer" >/dev/null;; esac; done`,
  ].join('\n')
}
