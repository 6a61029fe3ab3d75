import { printable } from '../redact.ts'
import type { Fields } from './fields.ts'
import { repositoryName } from './ggcr-name.ts'
import type { SignatureSource } from './image-policy.ts'

/** `source`: at most one place where signatures are kept instead of beside the image. @throws PreflightError POLICY_INVALID */
export const readSource = (authority: Fields): SignatureSource | undefined => {
  const [source, second] = authority.entries('source', ['oci', 'tagPrefix', 'signaturePullSecrets'])
  if (second !== undefined) throw authority.fault(second.map, 'only one source is supported')
  if (source === undefined) return undefined
  const oci = source.text('oci')
  if (oci !== undefined && !isRepository(oci))
    throw source.fault(
      source.node('oci')!,
      `"${printable(oci, 120)}" is not a repository`,
      'Write it in full, as in registry.example.com/team/signatures; for a registry alone, policy-controller would ask Docker Hub.',
    )
  const tagPrefix = source.text('tagPrefix')
  if (tagPrefix !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,49}$/.test(tagPrefix))
    throw source.fault(
      source.node('tagPrefix')!,
      'tagPrefix may hold only letters, digits, ".", "_" and "-", at most 50, and must not start with "." or "-"',
    )
  return {
    ...(oci === undefined ? {} : { oci }),
    ...(tagPrefix === undefined ? {} : { tagPrefix }),
    signaturePullSecrets: source.entries('signaturePullSecrets', ['name']).map(secret => secret.requiredText('name')),
  }
}

/** A registry with `.` or `:` in its name, and a repository without tag; on Docker Hub with `library/` written out. */
const isRepository = (oci: string): boolean => {
  const [first = '', ...rest] = oci.split('/')
  const name = repositoryName(oci)
  return (
    name !== undefined &&
    rest.length > 0 &&
    /[.:]/.test(first) &&
    name.endsWith(`/${rest.join('/')}`) &&
    !(rest.length === 1 && name.includes('/library/'))
  )
}
