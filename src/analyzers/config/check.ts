import { configCodes } from '../../embedded-cluster/codes.ts'
import type { Check } from '../analyzer.ts'

export const configCheck: Check<'config'> = {
  kind: 'config',
  title: 'Config',
  codes: configCodes,
  values: {
    fails: 'how many findings of this result are fails',
    warns: 'how many are warns',
    plugins: 'how many plugins the Config names',
    configs: 'how many Configs there are',
    schema: '`embedded-cluster` or `proposal`, as it was taken',
    image: "the plugin's image as the node is asked for it; empty for the Config as a whole",
  },
}
