import type { ErrorCode } from '../../errors.ts'
import type { CodeDoc } from '../../outcome.ts'

/** What the check says of each way in which an image could not be had. */
export const failureCodes = {
  REFERENCE_INVALID: 'IMAGE_REFERENCE_INVALID',
  LOCAL_UNREADABLE: 'IMAGE_LOCAL_UNREADABLE',
  LOCAL_INVALID: 'IMAGE_LOCAL_INVALID',
  REGISTRY_NAME_UNRESOLVED: 'IMAGE_NAME_UNRESOLVED',
  REGISTRY_UNREACHABLE: 'IMAGE_UNREACHABLE',
  REGISTRY_TIMEOUT: 'IMAGE_TIMEOUT',
  REGISTRY_TLS: 'IMAGE_TLS',
  REGISTRY_UNAUTHORIZED: 'IMAGE_UNAUTHORIZED',
  REGISTRY_DENIED: 'IMAGE_DENIED',
  REGISTRY_RATE_LIMITED: 'IMAGE_RATE_LIMITED',
  REGISTRY_FAILED: 'IMAGE_REGISTRY_FAILED',
  REGISTRY_PROTOCOL: 'IMAGE_NOT_A_REGISTRY',
  REGISTRY_REDIRECT: 'IMAGE_REDIRECT',
  REGISTRY_REALM: 'IMAGE_REALM',
  MANIFEST_NOT_FOUND: 'IMAGE_NOT_FOUND',
  BLOB_NOT_FOUND: 'IMAGE_INCOMPLETE',
  DIGEST_MISMATCH: 'IMAGE_DIGEST_MISMATCH',
  SIZE_MISMATCH: 'IMAGE_SIZE_MISMATCH',
  BODY_TRUNCATED: 'IMAGE_TRUNCATED',
  BODY_TOO_LARGE: 'IMAGE_TOO_LARGE',
  MANIFEST_INVALID: 'IMAGE_MANIFEST_INVALID',
  MANIFEST_UNSUPPORTED: 'IMAGE_UNSUPPORTED',
  PLATFORM_NOT_FOUND: 'IMAGE_PLATFORM_MISSING',
  IMAGE_CONFIG_INVALID: 'IMAGE_CONFIG_INVALID',
  SECRET_UNUSABLE: 'IMAGE_SECRET_BROKEN',
  NODE_HOSTS_REFUSED: 'IMAGE_NODE_REFUSES',
  NODE_HOSTS_UNREAD: 'IMAGE_NODE_UNKNOWN',
} as const satisfies Partial<Record<ErrorCode, string>>

export type ImageCode = keyof typeof imageCodes

const fail = (meaning: string, remedy: string) => ({ status: 'fail', meaning, remedy }) as const
const warn = (meaning: string, remedy: string) => ({ status: 'warn', meaning, remedy }) as const

export const imageCodes = {
  IMAGE_RESOLVED: {
    status: 'pass',
    meaning: 'The registry has the image for every platform that is needed, and gives it to a node as kubelet asks.',
  },
  IMAGE_IN_BUNDLE: {
    status: 'pass',
    meaning: 'The image was read from the air-gap bundle, from which nodes have it too: no registry is asked.',
  },
  IMAGE_REFERENCE_INVALID: fail('The image reference does not follow the grammar.', 'Correct the reference in the Config.'),
  IMAGE_NAME_UNRESOLVED: fail('The host name of the registry has no address.', 'Check the spelling of the registry and the DNS.'),
  IMAGE_UNREACHABLE: fail(
    'No connection to the registry: refused, reset or no route.',
    'Check that the registry is up, and firewalls and proxies.',
  ),
  IMAGE_TIMEOUT: fail('The registry did not answer in time.', 'Check that the registry is up, and firewalls and proxies.'),
  IMAGE_TLS: fail(
    "The registry's certificate is not trusted, expired or for another name.",
    'Correct the certificate, or give its authority with --ca-file and to the nodes.',
  ),
  IMAGE_UNAUTHORIZED: fail(
    'The registry wants a login, and got none or one that it rejects.',
    'Name a pull secret in the Config, put it into the namespace, give it with --secrets.',
  ),
  IMAGE_DENIED: fail(
    'The registry knows the login but does not let it pull this image.',
    'Give the login the right to pull the repository.',
  ),
  IMAGE_RATE_LIMITED: fail(
    'The registry answered that there were too many requests or no pulls are left.',
    'Wait, or use a login with a larger quota.',
  ),
  IMAGE_REGISTRY_FAILED: fail(
    'The registry answered with a server error, also when asked again.',
    "Try again later; look into the registry's log.",
  ),
  IMAGE_NOT_A_REGISTRY: fail(
    'What answered is no registry, or breaks the protocol: a web page, a proxy, a portal.',
    'Check host and port in the reference, and the proxies on the way.',
  ),
  IMAGE_REDIRECT: fail(
    'The registry redirects for ever or to where no client must follow.',
    "Correct the registry's address or configuration.",
  ),
  IMAGE_REALM: fail(
    "The registry's token server is on a foreign host, to which logins are not sent.",
    'If the host is trusted, allow it with --allow-realm.',
  ),
  IMAGE_NOT_FOUND: fail(
    'The registry has no such repository, tag or digest; without a login it may also be private.',
    'Check the spelling and that it was pushed; if it is private, name a pull secret.',
  ),
  IMAGE_INCOMPLETE: fail('The registry lacks a blob that the image names.', 'Push the image again.'),
  IMAGE_DIGEST_MISMATCH: fail(
    'The registry serves other bytes than the digest says.',
    'Push the image again; look into the registry and the proxies before it.',
  ),
  IMAGE_SIZE_MISMATCH: fail('A manifest or config has another size than its descriptor says.', 'Push the image again.'),
  IMAGE_TRUNCATED: fail(
    'The connection ended before the whole manifest had come.',
    'Try again; look into the registry and the proxies before it.',
  ),
  IMAGE_TOO_LARGE: fail('The manifest or config is larger than clients accept.', 'Check that this is an image.'),
  IMAGE_MANIFEST_INVALID: fail('The manifest or index is broken, or two kinds at once.', 'Push the image again with a current tool.'),
  IMAGE_UNSUPPORTED: fail(
    'It is of a kind that containerd does not pull: schema 1, a Helm chart, another artifact.',
    'Build and push a container image.',
  ),
  IMAGE_CONFIG_INVALID: fail("The image's config is broken or does not fit its layers.", 'Build and push the image again.'),
  IMAGE_PLATFORM_MISSING: fail('The index has no image for a platform that a node has.', 'Build and push it for that platform too.'),
  IMAGE_SECRET_BROKEN: fail(
    'A pull secret of the pod is broken; kubelet then uses none and pulls nothing.',
    'Correct or remove the secret: see the check pullSecret.',
  ),
  IMAGE_LOGIN_REJECTED: fail(
    'Anyone may pull the image, but kubelet asks with a login that the registry rejects, and then gives up.',
    'Correct or remove the pull secret.',
  ),
  IMAGE_NEEDS_DOCKER_CONFIG: fail(
    'Only the login of your own docker config can pull the image; no node has it.',
    'Make a pull secret of it and name it in the Config.',
  ),
  IMAGE_SECRET_NOT_IN_POD: fail(
    "Only a pull secret that Velero's pod does not refer to can pull the image.",
    'Give the secret to the pod: see the check pullSecret.',
  ),
  IMAGE_NEEDS_LICENSE: fail(
    "Only a customer's licence can pull the image; nodes of Embedded Cluster 2 do not have its login.",
    'Let anyone pull the image, or make a pull secret for it.',
  ),
  IMAGE_NODE_REFUSES: fail(
    "The node's settings for the registry are such that containerd pulls nothing from it.",
    'Correct the file that the message names, on every node.',
  ),
  IMAGE_NODE_UNKNOWN: fail(
    'What a node asks for the registry is in a file that only root may read.',
    'Run as root on the node, or give a copy with --hosts-dir.',
  ),
  IMAGE_UNCHECKED: fail('The image could not be checked.', 'See the message; run the check again.'),
  IMAGE_LOCAL_UNREADABLE: fail(
    'The folder or archive that was named instead of a registry does not exist or cannot be read.',
    'Check the path, which counts from the working directory.',
  ),
  IMAGE_LOCAL_INVALID: fail(
    'What was named instead of a registry is no OCI layout or docker archive, or a damaged one.',
    'Write it again; check which of oci:, oci-archive: and docker-archive: it is.',
  ),
  IMAGE_LOCAL: warn(
    'The image was read from a folder or archive, as before it is pushed: nobody asked the registry whether it is there.',
    'Push it and check again without --image; where that comes later, take the warn with --accept IMAGE_LOCAL.',
  ),
  IMAGE_LOCAL_OTHER: warn(
    'The image that was read from a folder or archive is another than that whose digest the Config names.',
    'Write the digest of the image that will be pushed into the Config, or check the image that it names.',
  ),
  IMAGE_LOGIN_UNKNOWN: warn(
    'The image is there, but the pull secret with which the node will ask was not given, or could not be read.',
    'Give it with --secrets, or read the cluster with --from-cluster.',
  ),
  IMAGE_PLATFORM_MISMATCH: warn(
    "The image's config is for another platform than the node's; the node pulls and starts it all the same.",
    'Build it for the platform of the node.',
  ),
  IMAGE_TAG_MOVED: warn(
    'The reference has tag and digest, and the tag now points at something else.',
    'Change the digest, or leave the tag out.',
  ),
  IMAGE_TAG_GONE: warn(
    'The reference has tag and digest, and the registry has no such tag.',
    'Check the tag; leave it out when the digest is meant.',
  ),
  IMAGE_MIRRORS_OFF: warn(
    'containerd passes over mirrors in the settings of the node: a file that it cannot parse, a host that it does not look for.',
    'Correct the file that the message names, on every node.',
  ),
  IMAGE_MIRROR_FAILED: warn(
    'A node asks a mirror first that does not answer or refuses; the image came from another host.',
    'Repair the mirror, or take it out of the settings of the node.',
  ),
  IMAGE_MIRROR_DIFFERS: warn(
    'A mirror says that the tag points at another image than the registry itself says.',
    'Let the mirror fetch the tag anew, or name the image with its digest.',
  ),
  IMAGE_HOST_UNVERIFIED: warn(
    'A node asks a host without checking its certificate (skip_verify).',
    'Name the authority with ca in hosts.toml instead.',
  ),
  IMAGE_HOST_PLAIN: warn('A node asks a host in plain HTTP, over a network.', 'Give the host a certificate, and write it as https://.'),
  IMAGE_NODE_SETTINGS: warn(
    'Something in the settings of the node does nothing, or will not for long: an unknown key, an older table.',
    'Correct the file that the message names.',
  ),
  IMAGE_QUOTA_LOW: warn('The registry says that few pulls are left (Docker Hub).', 'Wait, or name a pull secret with a larger quota.'),
  IMAGE_TAG_UNCHECKED: warn('The reference has tag and digest, and what the tag points at could not be seen.', 'Run the check again.'),
} as const satisfies Record<string, CodeDoc>
