import { X509Error } from '../../x509/x509-error.ts'
import { Malformed } from '../malformed.ts'

/** What is wrong with what was read, in its words; anything else that was thrown is a defect of ours and goes on. */
export const faultOf = (error: unknown): string => {
  if (error instanceof Malformed || error instanceof X509Error) return error.message
  throw error
}
