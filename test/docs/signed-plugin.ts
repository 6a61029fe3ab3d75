import { notationReferrer } from '../support/attached.ts'
import { inTag, provenance, spdxDocument, types } from '../support/attestations.ts'
import { pemOf } from '../support/certificate-authority.ts'
import { bundleBytes, bundleReferrer, cosignBundle, newSigner, statementOf } from '../support/cosign.ts'
import { buildIndex, pluginImage } from '../support/image-builder.ts'
import { chainOf, jws, jwsEnvelope, payloadOf } from '../support/notation.ts'
import type { TestRegistry } from '../support/registry.ts'
import { trivyResult, vulnerabilityPredicate } from '../support/scans.ts'
import { generalName, oidcIssuer } from '../support/sigstore/certificates.ts'
import { issueSigner, newDeployment, trustedRootOf } from '../support/sigstore/deployment.ts'
import { signBundle } from '../support/sigstore/signatures.ts'
import { tufRepository } from '../support/sigstore/tuf-repository.ts'

/** The plugin that the pages speak of. */
export const name = 'velero-postgresql'
const imageOf = (version: string) => buildIndex(['linux/amd64', 'linux/arm64'].map(platform => pluginImage({ name, version, platform })))
export const images = { 'v1.0.0': imageOf('v1.0.0'), 'v1.1.0': imageOf('v1.1.0') }
/** For the one platform of an air gap. */
export const amd64 = pluginImage({ name, version: 'v1.0.0' })

const signer = newSigner()
const far = { notAfter: '2099-01-01T00:00:00Z' }
const authority = chainOf(far, far)
const sigstore = newDeployment()
const workflow = 'https://github.com/acme/velero-postgresql/.github/workflows/release.yml@refs/tags/v1.0.0'
/** Whom the pages trust without a key. */
const signers = [
  [generalName.email('release@acme.example'), 'https://accounts.google.com'],
  [generalName.uri(workflow), 'https://token.actions.githubusercontent.com'],
] as const

type Image = typeof amd64

export const keySignature = ({ manifest }: Image) => cosignBundle(manifest, signer)

/** Every kind of signature and attestation that the pages ask for. */
const attachedTo = ({ manifest }: Image) => [
  cosignBundle(manifest, signer),
  ...signers.map(([subject, issuer]) => {
    const by = issueSigner(sigstore, { names: [subject], issuer: oidcIssuer(issuer) })
    return bundleReferrer(manifest, bundleBytes(signBundle(sigstore, by, statementOf(manifest.digest)).bundle))
  }),
  notationReferrer(manifest, {
    mediaType: jws,
    envelope: jwsEnvelope({
      chain: authority,
      payload: payloadOf({ mediaType: manifest.mediaType, digest: manifest.digest, sizeBytes: manifest.bytes.length }),
    }),
  }),
  inTag(
    manifest,
    signer,
    { type: types.spdxjson, predicate: spdxDocument },
    { type: types.slsaprovenance1, predicate: provenance('https://github.com/acme/plugin') },
    { type: types.vuln, predicate: vulnerabilityPredicate(trivyResult(), scannedLately()) },
  ),
]

const scannedLately = () => {
  const at = new Date(Date.now() - 3_600_000).toISOString()
  return { metadata: { scanStartedOn: at, scanFinishedOn: at } }
}

export const pushPlugin = (registry: TestRegistry): void => {
  for (const [version, image] of Object.entries(images)) {
    registry.push(`acme/${name}`, version, image)
    for (const { tag, ...artifact } of attachedTo(image)) registry.push(`acme/${name}`, tag, artifact)
  }
}

const policy = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: acme}
spec:
  images: [{glob: '**'}]
  authorities: [{name: release, key: {data: ${JSON.stringify(signer.publicPem)}}}]
`

const trustPolicy = {
  version: '1.0',
  trustPolicies: [
    {
      name: 'acme',
      registryScopes: ['*'],
      signatureVerification: { level: 'strict' },
      trustStores: ['ca:acme'],
      trustedIdentities: ['*'],
    },
  ],
}

/** Whom to trust, as files. */
export const trustFiles = (): Readonly<Record<string, string>> => {
  const root = JSON.stringify(trustedRootOf(sigstore))
  // What cosign keeps of the public Sigstore: here it is this one, and newer than what ships.
  const cached = Object.entries(tufRepository({ target: root, rootVersion: 1000 }))
  return {
    'cosign.pub': signer.publicPem,
    'policy.yaml': policy,
    'trustpolicy.json': JSON.stringify(trustPolicy),
    'truststore/x509/ca/acme/ca.crt': pemOf(authority.at(-1)!.der),
    'ca.crt': pemOf(authority.at(-1)!.der),
    'trusted_root.json': root,
    ...Object.fromEntries(cached.map(([path, text]) => [`.sigstore/root/tuf-repo-cdn.sigstore.dev/${path}`, text])),
  }
}
