import { PreflightError } from '../errors.ts'
import type { AirgapFact } from '../facts/airgap.ts'
import type { ChannelRelease } from '../facts/config.ts'
import { type Collector, eachPlugin } from './collector.ts'

/** Which images the bundle holds was read before any collector ran: they are what the others read. */
export const airgap: Collector<'airgap'> = {
  kind: 'airgap',
  collect: context =>
    eachPlugin(context, async plugin => {
      const { airgap } = context.world
      const installer = context.configs.at(-1)?.release
      if (airgap === undefined)
        throw new PreflightError('FACT_MISSING', 'No air-gap bundle was read.', { hint: 'Give one with --airgap-bundle.' })
      return [withInstaller(await airgap.look(plugin, context.platforms), installer)]
    }),
}

/** That of the bundle itself, where no Config was given, is none to compare it with. */
const withInstaller = (fact: AirgapFact, installer: ChannelRelease | undefined): AirgapFact =>
  !fact.ok || installer === undefined || installer.file.startsWith(`${fact.bundle.path}/`)
    ? fact
    : { ...fact, bundle: { ...fact.bundle, installer } }
