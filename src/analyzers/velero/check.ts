import type { Check } from '../analyzer.ts'
import { veleroCodes } from './codes.ts'

export const veleroCheck: Check<'velero'> = {
  kind: 'velero',
  title: 'Velero',
  codes: veleroCodes,
  values: {
    loaded: 'whether the plugin is registered in a server that runs',
    runs: 'whether the server runs and has done with starting plugins',
    server: 'its version as its log says; empty when it is not known',
    restarts: 'how often the server was started again in its pod',
  },
}
