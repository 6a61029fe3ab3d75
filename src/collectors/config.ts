import type { Collector } from './collector.ts'

/** The Configs as they were read before any collector ran: the plugins that the others look at come from them. */
export const config: Collector<'config'> = {
  kind: 'config',
  collect: async ({ configs }) => configs,
}
