import { file, productMs } from '../commands.ts'
import { alternate } from '../statistics.ts'
import type { Rows } from './row.ts'

/** What it costs to say something that needs no work. */
export const start: Rows = {
  name: 'start',
  async measure(setting) {
    const { bin } = setting.product
    const nothing = file(setting, '')
    const { version, help, empty } = await alternate(
      {
        empty: () => productMs(setting, [nothing]),
        version: () => productMs(setting, [bin, '--version']),
        help: () => productMs(setting, [bin, '--help']),
      },
      Math.max(15, setting.options.runs),
    )
    const row = (flag: string, value: number) => ({
      what: `${flag}, against an empty Node`,
      measured: [
        { name: flag, value, unit: 'ms' as const },
        { name: 'empty Node', value: empty, unit: 'ms' as const },
      ],
      ratio: { name: 'ms more', value: value - empty, atMost: 30 },
    })
    return [row('--version', version), row('--help', help)]
  },
}
