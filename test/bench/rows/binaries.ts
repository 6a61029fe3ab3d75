import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afresh, everything, productMs, quoted, references, runOf, shellMs } from '../commands.ts'
import { msOf } from '../processes.ts'
import { findPeer } from '../programs.ts'
import type { Setting } from '../setting.ts'
import { alternate } from '../statistics.ts'
import { type Row, skipped } from '../table.ts'
import type { Rows } from './row.ts'

/** A full run on loopback, where nothing but work costs time. */
export const binaries: Rows = {
  name: 'binaries',
  async measure(setting) {
    const what = 'full run with binaries of 10 images, loopback, against skopeo copy and tar'
    const { registry, ten, stopping, options } = setting
    const skopeo = findPeer('skopeo')
    if (skopeo === undefined) return [skipped(what, 'skopeo is not installed')]
    const checks = 'config,image,pullSecret,binaries'
    const whole = runOf(setting, registry.host, ten, checks, everything)
    const early = runOf(setting, registry.host, stopping, checks, afresh)
    const script = references(registry.host, ten)
      .map(reference => copyAndList(setting, skopeo, reference))
      .join('\n')
    const bareImages = fileURLToPath(new URL('../bare-images.ts', import.meta.url))
    const { all, proven, peer, bare } = await alternate(
      {
        all: () => productMs(setting, whole),
        proven: () => productMs(setting, early),
        peer: () => shellMs(setting, script),
        bare: () => msOf(process.execPath, [bareImages, registry.host, ...ten]),
      },
      options.runs,
    )
    const row = (how: string, value: number, atLeast: number): Row => ({
      what: `${what}${how}`,
      measured: [
        { name: 'product', value, unit: 'ms' },
        { name: 'skopeo and tar, one after the other', value: peer, unit: 'ms' },
        // What is left to be won where every layer is read
        { name: 'node:zlib and two sha256 alone, for every layer', value: bare, unit: 'ms' },
      ],
      ratio: { name: 'times faster', value: peer / value, atLeast },
    })
    return [row(', every layer read', all, 3), row(', stopping where the answer is proven', proven, 4)]
  },
}

const copyAndList = ({ folder }: Setting, skopeo: string, reference: string): string => {
  const to = quoted(join(folder, 'copied'))
  return [
    `rm -rf ${to}`,
    `${quoted(skopeo)} copy --quiet --src-tls-verify=false docker://${reference} dir:${to}`,
    `for layer in ${to}/*; do case $(head -c 2 "$layer" | od -An -tx1) in " 1f 8b") tar -tzf "$layer" >/dev/null;; esac; done`,
  ].join('\n')
}
