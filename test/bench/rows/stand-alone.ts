import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { bareHome } from '../commands.ts'
import { msOf } from '../processes.ts'
import { findPeer } from '../programs.ts'
import { alternate } from '../statistics.ts'
import { skipped } from '../table.ts'
import type { Rows } from './row.ts'

const what = 'the stand-alone binary: --version, against preflight version'

/** How long somebody waits on a host for a program of 130 MB to say anything. */
export const standAlone: Rows = {
  name: 'stand-alone',
  async measure(setting) {
    const binary = resolve(`release/velero-plugin-preflight-linux-${process.arch}`)
    if (!existsSync(binary)) return [skipped(what, 'npm run build:binary makes it')]
    const preflight = findPeer('preflight')
    if (preflight === undefined) return [skipped(what, 'preflight is not here')]
    const env = { ...bareHome(setting), PREFLIGHT_AUTO_UPDATE: 'false' }
    const { ours, theirs } = await alternate(
      { ours: () => msOf(binary, ['--version'], { env }), theirs: () => msOf(preflight, ['version'], { env }) },
      Math.max(15, setting.options.runs),
    )
    return [
      {
        what,
        measured: [
          { name: 'the binary', value: ours, unit: 'ms' },
          { name: 'preflight', value: theirs, unit: 'ms' },
        ],
        ratio: { name: 'times as long', value: ours / theirs, atMost: 1.5 },
      },
    ]
  },
}
