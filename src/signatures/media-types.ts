/** A layer of cosign's `.sig` tags (cosign 3.1 pkg/types/media.go `SimpleSigningMediaType`). */
export const simpleSigningMediaType = 'application/vnd.dev.cosign.simplesigning.v1+json'
/** A layer of cosign's attestations (the same file, `DssePayloadType`). */
export const dsseMediaType = 'application/vnd.dsse.envelope.v1+json'
/** What a DSSE envelope of a statement says that it holds (in-toto attestation framework 1.0, spec/v1/envelope.md). */
export const inTotoPayloadType = 'application/vnd.in-toto+json'
/** What every version of a sigstore bundle begins with (cosign bundle specification: `…bundle.v0.3+json`, `…bundle+json;version=0.1`). */
export const bundleMediaTypePrefix = 'application/vnd.dev.sigstore.bundle'
