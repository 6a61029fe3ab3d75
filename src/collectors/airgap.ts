import { PreflightError } from '../errors.ts'
import { type Collector, eachPlugin } from './collector.ts'

/** Which images the bundle holds was read before any collector ran: they are what the others read. */
export const airgap: Collector<'airgap'> = {
  kind: 'airgap',
  collect: context =>
    eachPlugin(context, async plugin => {
      const { airgap } = context.world
      if (airgap === undefined)
        throw new PreflightError('FACT_MISSING', 'No air-gap bundle was read.', { hint: 'Give one with --airgap-bundle.' })
      return [await airgap.look(plugin, context.platforms)]
    }),
}
