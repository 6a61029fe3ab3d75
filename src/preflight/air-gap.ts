import type { Plugin } from '../facts/fact.ts'
import type { Live } from '../preflight.ts'
import type { Settings } from '../settings.ts'
import { openAirgap } from '../world/airgap/open-airgap.ts'
import type { AirgapStore } from '../world/world.ts'

/** The bundle of `--airgap-bundle`; undefined: nodes have a network. @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE */
export const openBundled = async (
  { airgapBundle }: Pick<Settings, 'airgapBundle'>,
  { signal, progress }: Pick<Live, 'signal' | 'progress'>,
): Promise<AirgapStore | undefined> => {
  if (airgapBundle === undefined) return undefined
  progress({ check: 'airgap', state: 'began' })
  return openAirgap(airgapBundle, { signal, progress: text => progress({ check: 'airgap', state: 'at', text }) })
}

/** Nodes without a network have what the bundle brings, and nothing else; a folder that `--image` names is read all the same. */
export const withBundled = (images: Settings['images'], plugins: readonly Plugin[], airgap: AirgapStore | undefined): Settings['images'] =>
  new Map([
    ...plugins.flatMap(plugin => {
      const reference = airgap?.reference(plugin)
      return reference === undefined ? [] : [[plugin.plugin, reference] as const]
    }),
    ...images,
  ])
