import type { Check } from '../analyzer.ts'
import { attestationCodes } from './codes.ts'

export const attestationCheck: Check<'attestation'> = {
  kind: 'attestation',
  title: 'Attestation',
  codes: attestationCodes,
  values: {
    verified: 'whether every required attestation is there and verified',
    required: 'how many are required',
    missing: 'how many of them are not there, or do not count',
    attestations: 'how many were found, of whatever worth',
  },
}
