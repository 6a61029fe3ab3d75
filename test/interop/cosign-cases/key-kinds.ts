import { cosignBundle, cosignTag, newSigner } from '../../support/cosign.ts'
import type { CosignCase } from './case.ts'

const rsa = newSigner('RSA')

/** With other keys than P-256. */
export const keyKindCases: readonly CosignCase[] = [
  { title: 'a bundle with RSA', hang: image => [cosignBundle(image, rsa)], trust: { key: rsa }, accepted: true },
  { title: 'a tag with RSA', hang: (image, name) => [cosignTag(image, name, rsa)], trust: { key: rsa }, accepted: true },
  ...(['P-384', 'P-521', 'Ed25519'] as const).flatMap((kind): readonly CosignCase[] => {
    const key = newSigner(kind)
    const shared = {
      trust: { key },
      accepted: true,
      cosign: { accepted: false, because: 'cosign cannot verify what it signs with such a key' },
    }
    return [
      { title: `a bundle with ${kind}`, hang: image => [cosignBundle(image, key)], ...shared },
      { title: `a tag with ${kind}`, hang: (image, name) => [cosignTag(image, name, key)], ...shared },
    ]
  }),
]
