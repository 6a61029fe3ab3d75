import type { Check } from '../analyzer.ts'
import { airgapCodes } from './codes.ts'

export const airgapCheck: Check<'airgap'> = {
  kind: 'airgap',
  title: 'Air gap',
  codes: airgapCodes,
  values: {
    present: 'whether the image is among those that a node imports, under the name that it looks for',
    name: 'what the node looks for; empty when it is not known',
    digest: 'what the name points at; empty in a docker archive, or when there is none',
    elsewhere: 'whether it is in the bundle where no node gets it from',
    missingPlatforms: 'for how many of the required platforms it is not there whole',
    names: 'how many images can be imported from the bundle, by their names',
  },
}
