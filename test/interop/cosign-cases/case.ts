import { publicKeyFromPem } from '../../../src/policy/keys.ts'
import { type Authority, keysOnly } from '../../../src/signatures/authority.ts'
import type { Fault } from '../../../src/signatures/verdict.ts'
import { type Artifact, payloadOf, type SignatureLayer, type Signer, type Subject, statementOf } from '../../support/cosign.ts'
import type { tinyImage } from '../../support/signed-image.ts'
import { type Issued, oidcIssuer, oldOidcIssuer } from '../../support/sigstore/certificates.ts'
import { alice, issueSigner, newDeployment, type SigningOptions } from '../../support/sigstore/deployment.ts'
import { annotationsOf, type Bundle, type ProofOptions, signBundle } from '../../support/sigstore/signatures.ts'

/** An image with what hangs on it, and whom to trust; both programs say whether it is signed. */
export interface CosignCase {
  readonly title: string
  /** What is asked for; default a plugin of its own. */
  readonly image?: Pick<ReturnType<typeof tinyImage>, 'digest' | 'mediaType' | 'bytes' | 'pushed'>
  readonly hang: (image: Subject, reference: string) => readonly Artifact[]
  readonly trust: Trust
  /** Of cosign, beside those of whom to trust. */
  readonly flags?: readonly string[]
  /** Ask for an attestation of this type instead of a signature. */
  readonly attestation?: string
  readonly accepted: boolean
  /** Of ours, for each candidate that is rejected. */
  readonly faults?: readonly Fault[]
  /** Where cosign decides otherwise, and why. */
  readonly cosign?: { readonly accepted: boolean; readonly because: string }
}

export type Trust =
  | { readonly key: Signer }
  | {
      readonly subject?: string
      readonly subjectRegExp?: string
      readonly issuer?: string
      readonly issuerRegExp?: string
      /** Instead of a log entry. */
      readonly stampedOnly?: true
    }

export const asAuthority = ({ publicPem }: Signer): Authority =>
  keysOnly([{ name: 'cosign.pub', ...publicKeyFromPem(publicPem, 'cosign.pub') }])

export const here = newDeployment()
export const elsewhere = newDeployment()

/** A keyless bundle of a statement about the image; of Rekor 1 it has the kind of entry that cosign makes. */
export const keylessBundle = (
  image: Pick<Subject, 'digest'>,
  proofs: ProofOptions = {},
  signer: Issued = issueSigner(here),
  by = here,
): Bundle => {
  const kind = proofs.logs === undefined ? { kind: 'dsse 0.0.1' } : {}
  return signBundle(by, signer, statementOf(image.digest), { ...kind, ...proofs }).bundle
}

/** A keyless layer of cosign's tag, by the signer. */
export const keylessLayer = (
  image: Pick<Subject, 'digest'>,
  name: string,
  signer: Issued = issueSigner(here),
  options: Parameters<typeof annotationsOf>[3] = {},
  by = here,
): SignatureLayer => {
  const payload = payloadOf(image.digest, name)
  return { payload, annotations: annotationsOf(by, signer, payload, options) }
}

/** With its issuer in the old form too, as Fulcio writes it: cosign reads that one alone for tags. */
export const keylessSigner = (
  { issuer = alice.issuer, ...options }: Omit<SigningOptions, 'issuer'> & { readonly issuer?: string } = {},
  by = here,
): Issued => issueSigner(by, { issuer: oidcIssuer(issuer), extensions: [oldOidcIssuer(issuer)], ...options })

/** A good one of cosign's tag, by alice. */
export const keylessTagLayer = (image: Pick<Subject, 'digest'>, name: string): SignatureLayer => keylessLayer(image, name, keylessSigner())
