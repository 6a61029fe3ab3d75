import type { Check } from '../analyzer.ts'
import { pullSecretCodes } from './codes.ts'

export const pullSecretCheck: Check<'pullSecret'> = {
  kind: 'pullSecret',
  title: 'Pull secret',
  codes: pullSecretCodes,
  values: {
    named: 'whether the plugin names a pull secret',
    given: 'whether any Secrets were given to look in',
    found: 'whether the Secret that it names is there',
    matching: 'how many entries of the Secret cover the image',
    accepted: 'whether the registry gave the image to a login of the Secret',
    needed: 'whether the registry gives the image only with a login: yes, no or unknown',
  },
}
