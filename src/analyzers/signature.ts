import { digestOf } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { failure, type Plugin } from '../facts/fact.ts'
import type { FoundSignature, SignatureFact, SignaturePlace } from '../facts/signature.ts'
import { parseManifest } from '../oci/manifest.ts'
import { mediaTypes } from '../oci/media-types.ts'
import { publicKeyFromPem } from '../policy/keys.ts'
import { printable } from '../redact.ts'
import { keysOnly } from '../signatures/authority.ts'
import { verifySimpleSigning } from '../signatures/simple-signing.ts'
import { failed, nobody, rejected, type TrustedPublicKey, type Verdict } from '../signatures/verdict.ts'
import { verifyBundle } from '../signatures/verify-bundle.ts'
import { type AnalyzeInput, type Analyzer, factsOf, type Judgement, reason } from './analyzer.ts'
import {
  type AskedPlace,
  type Candidate,
  coverageOf,
  gapsOf,
  judgedOf,
  type RequiredImage,
  type SignatureCase,
  short,
} from './signature/case.ts'
import { signatureCodes } from './signature/codes.ts'
import { signatureFindings } from './signature/findings.ts'
import { otherThing } from './signature/other-things.ts'

/** Whether the user's trusted keys signed the image. Any one signature suffices, wherever it is kept. */
export const signature: Analyzer<'signature'> = {
  kind: 'signature',
  title: 'Signature',
  codes: signatureCodes,
  values: {
    verified: 'whether a trusted key signed the image',
    signatures: 'how many signatures were found, of whatever worth',
    unreachable: 'how many places could not be asked, or signatures not be read',
  },
  analyze(input) {
    const keys = input.policy.keys.map(({ name, pem }): TrustedPublicKey => ({ ...publicKeyFromPem(pem, name), name }))
    return input.plugins.map(plugin => judge(input, plugin, keys))
  },
}

type Collected = Extract<SignatureFact, { ok: true }>

const judge = (input: AnalyzeInput, plugin: Plugin, keys: readonly TrustedPublicKey[]): Judgement => {
  const fact = factsOf(input, 'signature', plugin)[0]!
  if (!fact.ok) {
    const message = `${printable(plugin.plugin)}: its signatures could not be looked for: ${reason(fact)}`
    return {
      plugin: plugin.plugin,
      findings: [{ status: 'fail', code: 'SIGNATURE_UNREACHABLE', message }],
      values: { verified: false, signatures: 0, unreachable: 1 },
    }
  }
  const found: SignatureCase = {
    plugin: printable(plugin.plugin),
    image: plugin.image,
    repository: fact.repository,
    local: fact.local,
    digest: fact.digest,
    root: fact.root,
    required: fact.root === 'index' ? input.platforms.map(platform => requiredImage(fact, platform)) : [],
    candidates: fact.signatures.map(signature => judgeOne(input, fact, signature, keys)),
    places: fact.places.map(place => askedPlace(place, fact.local)),
    keys,
    strict: keys.length > 0 || input.policy.requireSignatures,
  }
  const coverage = coverageOf(found).kind
  return {
    plugin: plugin.plugin,
    findings: signatureFindings(found),
    values: {
      verified: coverage === 'root' || coverage === 'images',
      signatures: judgedOf(found).length,
      unreachable: gapsOf(found).length,
    },
  }
}

const requiredImage = ({ platforms }: Collected, platform: string): RequiredImage => {
  const known = platforms.find(other => other.platform === platform)
  if (known === undefined) return { platform, digest: undefined, gap: 'it was not looked for when the facts were collected' }
  if (known.ok) return { platform, digest: known.digest }
  return { platform, digest: undefined, ...(known.code === 'PLATFORM_NOT_FOUND' ? {} : { gap: reason(known) }) }
}

const askedPlace = (place: SignaturePlace, local: string | undefined): AskedPlace => {
  const { at, subject } = place
  const forSignatures = mayHoldSignatures(place)
  const shared = { at, subject, name: placeName(place, local), forSignatures, gap: false }
  if (place.state === 'absent') return { ...shared, answer: 'nothing there' }
  const gap = forSignatures
  if (place.state === 'error') return { ...shared, answer: `could not be asked (${place.code}): ${reason({ ...place, ok: false })}`, gap }
  if (place.unread === 0) return { ...shared, answer: 'found' }
  return { ...shared, answer: `found, and ${place.unread} more that were not read`, gap }
}

/** Attestations and SBOMs are looked for in the same go, and are no signatures. */
const mayHoldSignatures = ({ kind }: SignaturePlace): boolean => kind !== 'attTag' && kind !== 'sbomTag'

const suffixes = { sigTag: '.sig', attTag: '.att', sbomTag: '.sbom', referrersTag: '' } as const

const placeName = (
  { kind, subject, source, tagPrefix = '' }: Pick<SignaturePlace, 'kind' | 'subject' | 'source' | 'tagPrefix'>,
  local: string | undefined,
): string => {
  const [folder, inSource] = source === undefined ? [local, ''] : [undefined, ` in ${printable(source)}`]
  if (kind === 'referrersApi')
    return folder === undefined ? `the referrers API${inSource}` : `the manifests in ${folder} that name it as their subject`
  const tag = `${printable(tagPrefix)}${short(subject.replace(':', '-'))}${suffixes[kind]}`
  return `the ${folder === undefined ? 'tag' : 'name'} ${tag}${inSource}`
}

const judgeOne = (input: AnalyzeInput, fact: Collected, found: FoundSignature, keys: readonly TrustedPublicKey[]): Candidate => {
  const shared = { where: whereOf(fact, found), subject: found.subject }
  const other = otherThing(input, found)
  if (other !== undefined) return { ...shared, state: 'seen', what: other }
  if (found.content === undefined) return { ...shared, state: 'seen', what: printable(found.mediaType) }
  if (!found.content.ok) return { ...shared, state: 'unreadable', code: found.content.code, why: reason(found.content) }
  try {
    const verdict = verdictOf(input, found, found.content.blob, keys)
    if (verdict.fault !== 'notASignature') return { ...shared, state: 'judged', verdict }
    return { ...shared, state: 'seen', what: `an attestation (${verdict.steps.at(-1)?.actual}) by ${verdict.signer}` }
  } catch (error) {
    const { code, ...why } = failure(error)
    return { ...shared, state: 'unreadable', code, why: reason({ code, ...why }) }
  }
}

const verdictOf = (input: AnalyzeInput, found: FoundSignature, blob: string, keys: readonly TrustedPublicKey[]): Verdict => {
  const manifest = parseManifest(input.blob(found.manifest), mediaTypes.ociManifest)
  const bytes = input.blob(blob)
  const layer = manifest.kind === 'manifest' ? manifest.layers[found.layer] : undefined
  if (layer === undefined || digestOf(bytes, layer.digest) !== layer.digest) {
    throw new PreflightError('FACT_ALTERED', "The facts name a layer that the signature's manifest does not have.")
  }
  // A tag is bound to the image by its name, a referrer by what it says of itself: a registry can list it anywhere.
  const subject = found.kind === 'cosign' ? found.subject : manifest.subject?.digest
  if (subject !== found.subject) {
    return rejected('otherImage', nobody, failed('image', found.subject, subject ?? 'a manifest that names no image'))
  }
  return found.kind === 'sigstoreBundle'
    ? verifyBundle(found.subject, { bundle: bytes, manifest: () => input.blob(found.subject) }, keysOnly(keys))
    : verifySimpleSigning(found.subject, { payload: bytes, annotations: layer.annotations ?? {} }, keysOnly(keys))
}

/** Where it was found and on what it hangs. */
const whereOf = (fact: Collected, { subject, places, manifest, layer, source, tagPrefix }: FoundSignature): string => {
  const home = { ...(source === undefined ? {} : { source }), ...(tagPrefix === undefined ? {} : { tagPrefix }) }
  const platforms = fact.platforms.filter(platform => platform.ok && platform.digest === subject).map(({ platform }) => platform)
  const root = fact.root === 'index' ? ', of the index' : ''
  const of = subject === fact.digest ? root : `, of the image for ${platforms.join(', ')}`
  const names = places.map(place => placeName({ ...home, kind: place, subject }, fact.local)).join(' and ')
  return `in ${names}${isCosignTag(places) ? `, number ${layer + 1}` : `, manifest ${short(manifest)}`}${of}`
}

const isCosignTag = (places: FoundSignature['places']): boolean => places.some(place => /^(?:sig|att|sbom)Tag$/.test(place))
