import type { Check } from '../analyzer.ts'
import { signatureCodes } from './codes.ts'

export const signatureCheck: Check<'signature'> = {
  kind: 'signature',
  title: 'Signature',
  codes: signatureCodes,
  values: {
    verified: 'whether somebody whom the keys, the identity or the policies trust signed the image, as all of them want',
    signatures: 'how many signatures were found, of whatever worth',
    unreachable: 'how many places could not be asked, or signatures not be read',
  },
}
