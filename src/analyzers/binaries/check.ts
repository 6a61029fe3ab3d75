import type { Check } from '../analyzer.ts'
import { binariesCodes } from './codes.ts'

export const binariesCheck: Check<'binaries'> = {
  kind: 'binaries',
  title: 'Binaries',
  codes: binariesCodes,
  values: {
    read: 'whether all layers that can change the answer could be read, on every required platform',
    declared: 'whether any of that rests on tables of contents in the layers; then `read` is false, since a node does not look at them',
    copied: 'whether it is known what the image copies, and that this succeeds, on every required platform',
    plugins: 'how many files Velero would start, on the platform with the fewest',
    framework: "version of Velero's framework in the first plugin; empty when it is not known",
    layersBytes: 'compressed size of all layers, on the platform with the most',
  },
}
