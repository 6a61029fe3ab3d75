import { afresh, file, productMs, quoted, references, runOf, shellMs } from '../commands.ts'
import { findPeer } from '../programs.ts'
import { alternate } from '../statistics.ts'
import { type Row, skipped } from '../table.ts'
import type { Rows } from './row.ts'

/** What a user would otherwise write: crane and cosign in a loop. */
export const shellLoop: Rows = {
  name: 'shell',
  async measure(setting) {
    const what = 'image, pullSecret, binaries and signature of 10 images, long link, against crane and cosign'
    const [crane, cosign] = ['crane', 'cosign'].map(findPeer)
    if (crane === undefined || cosign === undefined)
      return [skipped(what, `${crane === undefined ? 'crane' : 'cosign'} was not built; test/interop/peers build crane cosign does so`)]
    const { far, ten, stopping, key, options } = setting
    const [argv, early] = [ten, stopping].map(images =>
      runOf(setting, far.host, images, 'image,pullSecret,binaries,signature', ['--key', key, ...afresh]),
    )
    const one = file(setting, oneImage(crane, cosign, key))
    const images = file(setting, `${references(far.host, ten).join('\n')}\n`)
    const { ours, proven, loop, parallel } = await alternate(
      {
        ours: () => productMs(setting, argv!),
        proven: () => productMs(setting, early!),
        loop: () => shellMs(setting, `while read -r image; do bash ${quoted(one)} "$image"; done <${quoted(images)}`),
        parallel: () => shellMs(setting, `xargs -P10 -n1 bash ${quoted(one)} <${quoted(images)}`),
      },
      options.runs,
    )
    const row = (how: string, product: number, value: number, atLeast: number): Row => ({
      what: `${what}${how}`,
      measured: [
        { name: 'product', value: product, unit: 'ms' },
        { name: 'shell', value, unit: 'ms' },
      ],
      ratio: { name: 'times faster', value: value / product, atLeast },
    })
    return [
      row(' in a loop, every layer read', ours, loop, 10),
      row(' in a loop, stopping where the answer is proven', proven, loop, 10),
      row(' under xargs -P10, every layer read', ours, parallel, 3),
      row(' under xargs -P10, stopping where the answer is proven', proven, parallel, 3),
    ]
  },
}

const oneImage = (crane: string, cosign: string, key: string): string => `set -euo pipefail
${quoted(crane)} manifest --insecure "$1" >/dev/null
${quoted(crane)} export --insecure "$1" - | tar -t >/dev/null
${quoted(cosign)} verify --key ${quoted(key)} --insecure-ignore-tlog --allow-http-registry "$1" >/dev/null 2>&1
`
