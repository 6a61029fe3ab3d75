import type { Digest } from '../digest.ts'
import type { PreflightError } from '../errors.ts'
import type { AirgapFact } from '../facts/airgap.ts'
import type { ClusterFact, PodFact } from '../facts/cluster.ts'
import type { CredentialSource, Failure, Plugin } from '../facts/fact.ts'
import type { Attempt, NetworkSource, NodeRoute, PassedOver, Quota } from '../facts/image.ts'
import type { ServerStatusFact } from '../facts/velero.ts'
import type { Scanner } from '../facts/vulnerability.ts'
import type { DockerLogin } from '../kubelet/docker-config.ts'
import type { PullSecret } from '../kubelet/secret.ts'
import type { LayerKey } from '../oci/layer-record.ts'
import type { Descriptor } from '../oci/manifest.ts'
import type { LayerContent } from '../oci/read-layer.ts'
import type { ImageReference } from '../oci/reference.ts'
import type { LocalReference } from '../oci/transport.ts'
import type { ClusterReader, NodeRunner } from './cluster-reader.ts'
import type { LocalImage } from './local-image.ts'

/** A login with where it came from; `undefined` instead of one means anonymous. Never put into a fact or a message. */
export interface Credential {
  readonly username: string
  readonly password: string
  /** OAuth2 refresh token of a docker config; kubelet ignores it in a pull secret. */
  readonly identityToken?: string
  readonly source: CredentialSource
}

/** A manifest or index as served. `digest` is computed from `bytes`. */
export interface ServedManifest {
  readonly bytes: Uint8Array
  /** Content-Type without parameters. */
  readonly mediaType: string
  readonly digest: Digest
  /** Host with port that answered: of a tag, the one that said what it points at. */
  readonly host: string
  /** Host that the bytes came from, where that is another. */
  readonly fetchedFrom?: string
  /** Whom a node asks before, without success; absent: nobody. */
  readonly passedOver?: readonly PassedOver[]
  /** The node's own login that was used, since none was given. */
  readonly login?: CredentialSource
  readonly quota?: Quota
  /** Host and port of the proxy between. */
  readonly proxy?: string
  /** `Warning: 299` headers, printable. */
  readonly warnings: readonly string[]
}

export interface Referrers {
  readonly descriptors: readonly Descriptor[]
  /** Why the list goes on and the rest could not be had; absent: it is all. */
  readonly cutShort?: PreflightError
}

/**
 * A registry as a node reaches it (OCI distribution-spec 1.1). Every method throws a PreflightError with a code of exit 3;
 * no message holds a secret. `reference` is a tag or a digest in the repository of `image`.
 */
export interface RegistryClient {
  /** At most 4 MiB. When `reference` is a digest, the bytes have it (DIGEST_MISMATCH otherwise). MANIFEST_NOT_FOUND when absent. */
  manifest(image: ImageReference, reference: string, as: Credential | undefined): Promise<ServedManifest>
  /** Compressed bytes as served; ends only after size and digest were verified, throws otherwise. */
  blob(image: ImageReference, descriptor: Descriptor, as: Credential | undefined): AsyncIterable<Uint8Array>
  /**
   * Whether the registry says that it has the blob in the size of its descriptor, without its bytes. False also when it could not
   * be asked: then the blob itself tells why.
   */
  hasBlob(image: ImageReference, descriptor: Descriptor, as: Credential | undefined): Promise<boolean>
  /**
   * The bytes of a blob from `start` up to `end` (exclusive), as served: nothing verifies them. Undefined where the registry does not
   * give parts, or gives another one. Absent: parts are of no use, since the whole is at hand.
   */
  blobRange?(
    image: ImageReference,
    descriptor: Descriptor,
    range: { readonly start: number; readonly end: number },
    as: Credential | undefined,
  ): Promise<Uint8Array | undefined>
  /** The whole blob, at most `limitBytes`, verified. */
  blobBytes(image: ImageReference, descriptor: Descriptor, limitBytes: number, as: Credential | undefined): Promise<Uint8Array>
  /** All pages of the referrers API, unfiltered; undefined where there is no such API, so that a tag stands in for it. */
  referrers(image: ImageReference, subject: Digest, as: Credential | undefined): Promise<Referrers | undefined>
  /** What a node's settings make of the image's registry; absent or undefined where none were given. */
  route?(image: ImageReference): NodeRoute | undefined
  /**
   * What the registry itself says that a tag points at, where a node asks mirrors before it: asked once, for three seconds,
   * and only by its header. Undefined when it does not tell.
   */
  upstreamDigest?(image: ImageReference, tag: string, as: Credential | undefined): Promise<Digest | undefined>
  /** Closes idle connections. */
  close(): Promise<void>
}

export type { ClusterReader, LogPart, LogText, NodeRun, NodeRunner } from './cluster-reader.ts'

/** Secrets that were given (`--secrets`) or read from the cluster, by namespace and name. */
export interface SecretStore {
  /** For messages: the files or folders that were read. */
  readonly sources: readonly string[]
  /** A Secret written without a namespace is found in any. */
  find(namespace: string, name: string): PullSecret | undefined
  /** Why it is not known whether there is such a Secret. */
  unread?(namespace: string, name: string): Failure | undefined
  readonly all: readonly PullSecret[]
}

/** The user's own docker config (`--docker-config`): the node does not have it. */
export interface DockerConfigStore {
  readonly file: string
  /** What docker would use for this registry, credential helpers included. */
  login(image: ImageReference): Promise<DockerLogin | undefined>
}

/** A customer's licence (`--license`). */
export interface LicenseStore {
  /** Whether nodes have its login by themselves. */
  readonly onNodes: boolean
  /** Undefined for every registry but Replicated's proxy. */
  login(image: ImageReference): Credential | undefined
}

/** How a plugin's image can be read: as the node would, or failing that as the user can. */
export interface ImageAccess {
  readonly image: ImageReference
  /** As kubelet would ask, in its order, until one succeeded. Never empty. */
  readonly attempts: readonly Attempt[]
  /** What kubelet would not try; only when all of `attempts` failed. */
  readonly otherAttempts: readonly Attempt[]
  /** Names of the pod's pull secrets in kubelet's order; the plugin's own among them, unless it does not reach the pod. */
  readonly podSecrets: readonly string[]
  /** Logins of kubelet's keyring for this image, in order. */
  readonly keyring: readonly Credential[]
  /** Logins of the plugin's own secret that does not reach the pod; absent when it does. */
  readonly beside?: readonly Credential[]
  readonly node?: NodeRoute
  readonly network?: NetworkSource
  /** The first login that worked, with the manifest that it brought; absent when none did. */
  readonly opened?: { readonly as: Credential | undefined; readonly source: CredentialSource; readonly served: ServedManifest }
}

/** What an earlier run learnt of a layer. */
export interface RememberedLayer {
  readonly content: LayerContent
  /** It was this very blob that was read. False: another one of the same diff_id, as after the image was compressed anew. */
  readonly sameBlob: boolean
}

/** What earlier runs learnt of layers (`--cache-dir`). Nothing of it throws: what cannot be remembered is read again. */
export interface LayerCache {
  /**
   * Only of a layer that was read to its end and had this diff_id; for a key of the handling `table`, what the layer's table of
   * contents says, and what was read of its files.
   */
  get(key: LayerKey): Promise<RememberedLayer | undefined>
  put(key: LayerKey, content: LayerContent): Promise<void>
  /** Keeps its size within the limit. */
  close(): Promise<void>
}

/** A program on this machine that looks for vulnerabilities (`--scanner`). */
export interface ImageScanner {
  readonly program: Scanner
  /**
   * What it printed of one image manifest: JSON, as it was. One image at a time; an image that was scanned is not scanned again.
   * @throws PreflightError SCANNER_NOT_FOUND, SCANNER_FAILED, SCANNER_TIMEOUT, SCANNER_RESULT_INVALID, and what reading the image throws
   */
  scan(image: ScannedImage): Promise<Uint8Array>
}

export interface ScannedImage {
  readonly image: ImageReference
  readonly as: Credential | undefined
  readonly manifest: { readonly digest: Digest; readonly mediaType: string; readonly bytes: Uint8Array }
  /** Its config and layers. */
  readonly blobs: readonly Descriptor[]
}

/** An air-gap bundle, or the images that a node has of one (`--airgap-bundle`). */
export interface AirgapStore {
  /** As given. */
  readonly path: string
  /** By which the plugin's image is read from it, whether it is there or not; undefined where the Config names a folder or archive. */
  reference(plugin: Plugin): LocalReference | undefined
  /** @throws PreflightError MANIFEST_NOT_FOUND, and why the bundle cannot be read */
  open(reference: LocalReference): LocalImage
  /** Whether its image is there; what is wrong with the bundle is a failed fact. */
  look(plugin: Plugin, platforms: readonly string[]): Promise<AirgapFact>
  /** Which images will be read, so that of a compressed bundle one more pass is enough. */
  plan(plugins: readonly Plugin[], platforms: readonly string[]): Promise<void>
  /** The release that it carries. @throws PreflightError LOCAL_INVALID, and why the bundle cannot be read */
  release(): { readonly file: string; readonly bytes: Uint8Array }
  close(): Promise<void>
}

/** All that collectors can reach. */
export interface World {
  readonly registry: RegistryClient
  /** Undefined when no Secrets were given. */
  readonly secrets: SecretStore | undefined
  readonly dockerConfig: DockerConfigStore | undefined
  /** Absent: nothing is remembered between runs. */
  readonly layerCache?: LayerCache
  /** Where kubelet looks for pull secrets: `velero` unless written otherwise. */
  readonly namespace: string
  /** What was read of a cluster (`--from-cluster`). */
  readonly cluster?: ClusterFact
  readonly airgap?: AirgapStore
  /** Answers what else is asked of it; absent: there is none. */
  readonly clusterReader?: ClusterReader
  /** Asks Velero's server itself, which writes to the cluster (`--server-status`); absent: it is not asked. */
  readonly serverStatus?: () => Promise<ServerStatusFact>
  /** Absent: nobody asked for it (`--nodes`). */
  readonly nodeRunner?: NodeRunner
  /** The pull secrets of Velero's running pod; absent where none was seen. */
  readonly pod?: PodFact
  /** Why nobody can say which pull secrets its pod has. */
  readonly podUnread?: Failure
  readonly now: Date
  /**
   * Opens the plugin's image; one call a plugin reaches the registry, further ones give the same promise.
   * @throws PreflightError REFERENCE_INVALID; a registry's answers are in `attempts`, not thrown
   */
  open(plugin: Plugin): Promise<ImageAccess>
}
