import type { Check } from '../analyzer.ts'
import { imageCodes } from './codes.ts'

export const imageCheck: Check<'image'> = {
  kind: 'image',
  title: 'Image',
  codes: imageCodes,
  values: {
    resolved: 'whether a node can pull the image on every required platform',
    found: 'whether anybody could read it: a node, anyone, or your own docker config',
    digest: 'what the reference points at; empty when it was not found',
    indexed: 'whether it is an index of several platforms',
    missingPlatforms: 'how many of the required platforms have no image that can be pulled',
    login:
      'with what it was read: anonymous, secret, node, license, dockerConfig, local (no registry was asked, or the air-gap bundle was read) or none',
  },
}
