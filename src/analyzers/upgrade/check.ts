import type { Check } from '../analyzer.ts'
import { upgradeCodes } from './codes.ts'

export const upgradeCheck: Check<'upgrade'> = {
  kind: 'upgrade',
  title: 'Upgrade',
  codes: upgradeCodes,
  values: {
    change: 'of a plugin: added, unchanged, updated, downgraded, replaced, unknown or removed; empty for the upgrade as a whole',
    retagged: 'whether the registry has other bytes under the tag than the cluster',
    removed: 'how many plugins the upgrade removes',
    pullBytes: 'what the node that lacks most has to pull, compressed; -1 when it is not known',
    pullSeconds: 'how long that takes by the rate that was assumed; -1 when it is not known',
    velero: 'the Velero that the upgrade brings; empty when it is not known',
    veleroNow: 'the Velero that is there; empty when it is not known',
  },
}
