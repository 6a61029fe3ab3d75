/**
 * Every code that a {@link PreflightError} or a fact that could not be had can carry: public API.
 * `exit` is what the command ends with when the error reaches the top (design.md 4): 1 our own failure, 2 usage, spec or
 * a file given on the command line. Codes with exit 3 are facts about a registry, an image, a secret or a cluster: they become fails.
 */
export const errorCodes = {
  INTERNAL: { exit: 1, meaning: 'A defect of this program.' },
  TIMED_OUT: { exit: 1, meaning: 'The whole run took longer than `--timeout`.' },
  INTERRUPTED: { exit: 1, meaning: 'The run was ended by a signal.' },
  LISTEN_FAILED: { exit: 1, meaning: 'The port of `--secure-port` cannot be listened on: it is in use, or not allowed.' },
  OUTPUT_UNWRITABLE: { exit: 1, meaning: 'A result or bundle could not be written.' },

  USAGE: { exit: 2, meaning: 'The command line is wrong.' },
  FILE_NOT_FOUND: { exit: 2, meaning: 'A file given on the command line does not exist.' },
  FILE_UNREADABLE: { exit: 2, meaning: 'A file given on the command line cannot be read.' },
  FILE_TOO_LARGE: { exit: 2, meaning: 'A file given on the command line is larger than its kind may be.' },
  YAML_INVALID: { exit: 2, meaning: 'A YAML file has a syntax error, a duplicate key or too many aliases.' },
  CONFIG_NOT_FOUND: { exit: 2, meaning: 'No Embedded Cluster Config in what was given: no YAML file, an empty document or another kind.' },
  RELEASE_INVALID: {
    exit: 2,
    meaning: 'A release, an installer or an air-gap bundle that should hold the Config is damaged, or holds no release.',
  },
  CONFIG_INVALID: { exit: 2, meaning: 'The Embedded Cluster Config has not the shape that its kind requires.' },
  SPEC_INVALID: { exit: 2, meaning: 'A spec has an unknown kind, key or expression.' },
  SECRETS_INVALID: { exit: 2, meaning: 'A file of Secret manifests is not one.' },
  DOCKER_CONFIG_INVALID: { exit: 2, meaning: 'The file given with --docker-config is not a docker config.json.' },
  LICENSE_INVALID: { exit: 2, meaning: 'The file given with --license is not a licence of a customer.' },
  KEY_INVALID: { exit: 2, meaning: 'A file given with --key is not a public key that cosign uses.' },
  POLICY_INVALID: { exit: 2, meaning: 'A file given with --policy is not a policy that is evaluated, or holds a part that is not.' },
  KUBECONFIG_INVALID: { exit: 2, meaning: 'There is no kubeconfig, or it names no cluster that can be asked.' },
  TRUSTED_ROOT_INVALID: { exit: 2, meaning: 'A trusted root is not one, or trusts a key or certificate that cannot be used.' },
  TRUSTED_ROOT_UNAVAILABLE: {
    exit: 2,
    meaning: 'The trusted root that was asked for could not be had: no cached one, or the mirror did not answer.',
  },
  SERVING_CERTIFICATE_INVALID: {
    exit: 2,
    meaning: 'The files of `--tls-cert-file` and `--tls-private-key-file` are not a certificate and its key.',
  },
  BUNDLE_INVALID: { exit: 2, meaning: 'What was given as a bundle is not one, or is damaged.' },

  REFERENCE_INVALID: { exit: 3, meaning: 'The image reference does not follow the grammar of distribution/reference.' },
  LOCAL_UNREADABLE: { exit: 3, meaning: 'The folder or archive that an image reference names does not exist or cannot be read.' },
  LOCAL_INVALID: { exit: 3, meaning: 'What an image reference names is no OCI layout or docker archive, or a damaged one.' },
  REGISTRY_NOT_ASKED: { exit: 3, meaning: 'The image was read from a folder or archive, so that no registry was asked.' },
  REGISTRY_NAME_UNRESOLVED: { exit: 3, meaning: "The registry's host name has no address (DNS)." },
  REGISTRY_UNREACHABLE: { exit: 3, meaning: 'No connection to the registry: refused, reset or no route.' },
  REGISTRY_TIMEOUT: { exit: 3, meaning: 'The registry did not answer in time.' },
  REGISTRY_TLS: { exit: 3, meaning: "The registry's certificate is not trusted, expired or for another name, or it does not speak TLS." },
  REGISTRY_UNAUTHORIZED: { exit: 3, meaning: 'The registry wants a login and got none, or rejected the one that it got (401).' },
  REGISTRY_DENIED: { exit: 3, meaning: 'The registry knows the login but does not allow it to pull this image (403).' },
  REGISTRY_RATE_LIMITED: { exit: 3, meaning: 'The registry answered 429: too many requests or no pulls left.' },
  REGISTRY_FAILED: { exit: 3, meaning: 'The registry answered with a server error (5xx) after every retry.' },
  REGISTRY_PROTOCOL: { exit: 3, meaning: 'What answered is not a registry, or broke the distribution protocol.' },
  REGISTRY_REDIRECT: { exit: 3, meaning: 'The registry redirected too often, or to where a client must not follow.' },
  REGISTRY_REALM: { exit: 3, meaning: "The registry's token server is on another host, to which credentials are not sent." },
  NODE_HOSTS_REFUSED: { exit: 3, meaning: "The node's settings for the registry are such that containerd pulls nothing from it." },
  NODE_HOSTS_UNREAD: { exit: 3, meaning: 'What a node asks for the registry is in a file that may not be read here.' },
  MANIFEST_NOT_FOUND: {
    exit: 3,
    meaning: 'The registry has no such repository, tag or digest (404), or the folder or archive no such image.',
  },
  BLOB_NOT_FOUND: { exit: 3, meaning: 'A manifest names a layer or config that the registry, folder or archive does not have.' },
  DIGEST_MISMATCH: { exit: 3, meaning: 'The bytes that were served do not have the digest that was asked for.' },
  SIZE_MISMATCH: { exit: 3, meaning: 'The bytes that were served are more or fewer than their descriptor says.' },
  BODY_TRUNCATED: { exit: 3, meaning: 'The connection ended before the whole body had come.' },
  BODY_TOO_LARGE: { exit: 3, meaning: 'A manifest, config or token is larger than any client accepts.' },
  MANIFEST_INVALID: { exit: 3, meaning: 'The manifest or index is not valid JSON of its media type, or is two kinds at once.' },
  MANIFEST_UNSUPPORTED: { exit: 3, meaning: 'The manifest is of a kind that containerd 2 does not pull (schema 1, an artifact).' },
  PLATFORM_NOT_FOUND: { exit: 3, meaning: 'The index has no image for the platform.' },
  IMAGE_CONFIG_INVALID: { exit: 3, meaning: "The image's config is not valid JSON, or does not fit its layers." },
  LAYER_UNSUPPORTED: { exit: 3, meaning: 'A layer is encrypted, foreign or compressed in an unknown way.' },
  LAYER_CORRUPT: { exit: 3, meaning: 'A layer cannot be decompressed, or is not a tar archive that containerd unpacks.' },
  LAYER_DIFF_ID: { exit: 3, meaning: "A layer's uncompressed bytes do not have the diff_id that the image's config names." },
  LAYER_TOO_LARGE: { exit: 3, meaning: 'A layer unpacks to more than the limit, or its compression ratio is that of a bomb.' },
  SECRETS_NOT_GIVEN: { exit: 3, meaning: 'A plugin names a pull secret, but no Secrets were given to look in.' },
  SECRET_UNUSABLE: { exit: 3, meaning: 'A pull secret of the pod is broken; kubelet then uses none of them and pulls nothing.' },
  CREDENTIAL_HELPER_FAILED: { exit: 3, meaning: 'A credential helper that the docker config names could not be run, or gave no login.' },
  PREDICATE_INVALID: { exit: 3, meaning: 'What an attestation says has not the shape of its predicate type, or is too large to be read.' },
  CLUSTER_UNREACHABLE: { exit: 3, meaning: 'No connection to the API server of the cluster: no address, refused, reset or no route.' },
  CLUSTER_TIMEOUT: { exit: 3, meaning: 'The API server did not answer in time.' },
  CLUSTER_TLS: { exit: 3, meaning: "The API server's certificate is not trusted, expired or for another name, or it does not speak TLS." },
  CLUSTER_LOGIN: { exit: 3, meaning: 'The login of the kubeconfig could not be had: its program or its identity provider failed.' },
  CLUSTER_UNAUTHORIZED: { exit: 3, meaning: 'The API server does not know the login of the kubeconfig (401).' },
  CLUSTER_FORBIDDEN: { exit: 3, meaning: 'RBAC of the cluster does not allow the call (403).' },
  CLUSTER_BUSY: { exit: 3, meaning: 'The API server answered 429 (too many requests) after every retry.' },
  CLUSTER_FAILED: { exit: 3, meaning: 'The API server answered with an error after every retry.' },
  CLUSTER_PROTOCOL: { exit: 3, meaning: 'What answered is not an API server, or its answer was cut short.' },
  CLUSTER_TOO_LARGE: { exit: 3, meaning: 'The API server has more objects, or larger ones, than are read.' },
  NODE_UNREAD: { exit: 3, meaning: "A node's pod (`--nodes`) did not start, or told nothing in time." },
  SCANNER_NOT_FOUND: { exit: 3, meaning: 'The program of `--scanner` is not on the PATH, or may not be run.' },
  SCANNER_FAILED: { exit: 3, meaning: 'The program of `--scanner` ended with an error, or the image could not be laid out for it.' },
  SCANNER_TIMEOUT: { exit: 3, meaning: 'The program of `--scanner` did not end in time.' },
  SCANNER_RESULT_INVALID: { exit: 3, meaning: 'The program of `--scanner` printed no JSON, or more than is read.' },
  BUNDLE_LACKS: {
    exit: 3,
    meaning: 'A support bundle does not hold what a live cluster would be asked for, or not in a form that can be read.',
  },
  FACT_MISSING: { exit: 3, meaning: 'A fact that a check needs is not in the bundle.' },
  FACT_ALTERED: { exit: 3, meaning: 'A blob in the bundle has no longer its digest: the bundle was redacted or changed.' },
} as const satisfies Record<string, { exit: 1 | 2 | 3; meaning: string }>

export type ErrorCode = keyof typeof errorCodes

/** What a run could not do, with what the user can do next. A failed check is not an error but an {@link Outcome}. */
export class PreflightError extends Error {
  override readonly name = 'PreflightError'
  readonly code: ErrorCode
  /** What to do next, as a sentence; never to switch verification off. */
  readonly hint: string | undefined
  constructor(code: ErrorCode, message: string, { hint, cause }: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, cause === undefined ? {} : { cause })
    this.code = code
    this.hint = hint
  }
}
