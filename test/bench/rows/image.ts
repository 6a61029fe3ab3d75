import { file, productMs, quoted, references, runOf, shellMs } from '../commands.ts'
import { msOf } from '../processes.ts'
import { findPeer } from '../programs.ts'
import { alternate } from '../statistics.ts'
import { type Row, skipped } from '../table.ts'
import type { Rows } from './row.ts'

const name = 'image'

/** The check of images alone, over the long link. */
export const image: Rows = {
  name,
  async measure(setting) {
    const { far, ten, options } = setting
    const skopeo = findPeer('skopeo')
    const inspect = references(far.host, ten).map(reference => `${quoted(skopeo ?? '')} inspect --tls-verify=false docker://${reference}`)
    const [argvTen, argvOne] = [runOf(setting, far.host, ten, 'image'), runOf(setting, far.host, ten.slice(0, 1), 'image')]
    const { all, one, peer } = await alternate(
      {
        all: () => productMs(setting, argvTen),
        one: () => productMs(setting, argvOne),
        peer: async () => (skopeo === undefined ? Number.NaN : shellMs(setting, inspect.join('\n'))),
      },
      options.runs,
    )
    const what = 'check of 10 images, long link'
    const row: Row = {
      what: `${what}, against one image`,
      measured: [
        { name: 'ten', value: all, unit: 'ms' },
        { name: 'one', value: one, unit: 'ms' },
      ],
      ratio: { name: 'times one', value: all / one, atMost: 1.5 },
    }
    if (skopeo === undefined) return [skipped(`${what}, against skopeo inspect`, 'skopeo is not installed'), row]
    const measured = [
      { name: 'product', value: all, unit: 'ms' },
      { name: 'skopeo inspect, one after the other', value: peer, unit: 'ms' },
    ] as const
    return [{ what: `${what}, against skopeo inspect`, measured, ratio: { name: 'times faster', value: peer / all, atLeast: 15 } }, row]
  },
}

/** Ten times as many plugins. */
export const hundred: Rows = {
  name: 'hundred',
  async measure(setting) {
    const { far, ten, hundred: many, options } = setting
    const [argvTen, argvMany] = [runOf(setting, far.host, ten, 'image'), runOf(setting, far.host, many, 'image')]
    const { few, all } = await alternate({ few: () => productMs(setting, argvTen), all: () => productMs(setting, argvMany) }, options.runs)
    const measured = [
      { name: '100 plugins', value: all, unit: 'ms' },
      { name: '10 plugins', value: few, unit: 'ms' },
    ] as const
    return [{ what: 'check of 100 images, long link', measured, ratio: { name: 'times ten', value: all / few, atMost: 4 } }]
  },
}

/** What Replicated's own program does with the same images. */
export const registryImages: Rows = {
  name: 'registryImages',
  async measure(setting) {
    const what = 'check of 10 images, long link, against registryImages of preflight'
    const preflight = findPeer('preflight')
    if (preflight === undefined) return [skipped(what, 'preflight was not built; test/interop/peers build preflight does so')]
    const { far, ten, options, folder } = setting
    const spec = file(setting, hostPreflight(references(far.host, ten)))
    const env = { HOME: folder, KUBECONFIG: `${folder}/none` }
    const argv = runOf(setting, far.host, ten, 'image')
    const { product, peer } = await alternate(
      {
        product: () => productMs(setting, argv),
        peer: () => msOf(preflight, ['--interactive=false', '--format=json', spec], { env, cwd: folder }),
      },
      options.runs,
    )
    const measured = [
      { name: 'product', value: product, unit: 'ms' },
      { name: 'preflight', value: peer, unit: 'ms' },
    ] as const
    return [{ what, measured, ratio: { name: 'times faster', value: peer / product, atLeast: 6 } }]
  },
}

const hostPreflight = (images: readonly string[]): string =>
  JSON.stringify({
    apiVersion: 'troubleshoot.sh/v1beta2',
    kind: 'HostPreflight',
    metadata: { name: 'images' },
    spec: {
      collectors: [{ registryImages: { collectorName: 'images', images } }],
      analyzers: [
        {
          registryImages: {
            collectorName: 'images',
            outcomes: [
              { fail: { when: 'missing > 0', message: 'missing' } },
              { fail: { when: 'errors > 0', message: 'errors' } },
              { pass: { when: 'verified > 0', message: 'verified' } },
            ],
          },
        },
      ],
    },
  })
