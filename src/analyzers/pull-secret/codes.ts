import type { CodeDoc } from '../../outcome.ts'

const pass = (meaning: string) => ({ status: 'pass', meaning }) as const
const warn = (meaning: string, remedy: string) => ({ status: 'warn', meaning, remedy }) as const
const fail = (meaning: string, remedy: string) => ({ status: 'fail', meaning, remedy }) as const

export type PullSecretCode = keyof typeof pullSecretCodes

export const pullSecretCodes = {
  PULL_SECRET_NOT_NEEDED: pass('The plugin names no pull secret, and the registry gives the image to anyone.'),
  PULL_SECRET_OF_POD: pass('The plugin names no pull secret; another secret of the pod covers the image and is accepted.'),
  PULL_SECRET_FOUND: pass('The secret is there, under its name and in its namespace.'),
  PULL_SECRET_READABLE: pass('The secret is of the right type, has the right key, and its docker config can be read.'),
  PULL_SECRET_MATCHES: pass("The secret has an entry that covers the image by kubelet's rules."),
  PULL_SECRET_OK: pass('The registry accepts the login of the secret, and does not give the image without one.'),
  PULL_SECRET_OK_OPTIONAL: pass('The registry accepts the login of the secret, and would give the image without one too.'),
  PULL_SECRET_MISSING_OPTIONAL: warn(
    'The secret is not there; the image can be pulled without it.',
    'Create the secret, or take its name out of the Config.',
  ),
  PULL_SECRET_UNUSED: warn(
    'The secret is there, but kubelet makes no use of it for this image, and needs none.',
    'Correct the secret, or take its name out of the Config.',
  ),
  PULL_SECRET_PARTLY_REJECTED: warn(
    'The registry does not accept one login of the secret, and the node pulls with another.',
    'Correct or remove the entry that is out of date.',
  ),
  PULL_SECRET_NOT_ASKED: warn(
    'The secret covers the image, which was read from a folder or archive: nobody asked the registry whether it accepts the login.',
    'Push the image and check again without --image.',
  ),
  PULL_SECRET_OTHERS_UNKNOWN: warn(
    'The registry gives the image to anyone, but the pod has secrets for other plugins or by an override, and none were given to look in.',
    'Give them with --secrets: one that covers the registry and is wrong keeps the node from pulling.',
  ),
  PULL_SECRET_REQUIRED: fail(
    'The registry wants a login, and the plugin names no pull secret.',
    'Create a pull secret in the namespace and name it in the Config.',
  ),
  PULL_SECRETS_NOT_GIVEN: fail(
    'The plugin names a pull secret, but no Secrets were given to look in.',
    'Give its manifest with --secrets FILE or --secrets FOLDER, or read the cluster with --from-cluster.',
  ),
  PULL_SECRET_UNREAD: fail(
    'The cluster did not let the Secret be read, so that nobody can say whether it is there.',
    'Give your login the Role that velero-plugin-preflight rbac prints, or the manifest with --secrets.',
  ),
  PULL_SECRET_POD_UNREAD: fail(
    "The Secret is there, but the cluster did not tell which pull secrets Velero's pod has.",
    'See the check cluster; give your login the Role that velero-plugin-preflight rbac prints.',
  ),
  PULL_SECRET_NOT_IN_POD: fail(
    "The Secret is there, but neither Velero's pod nor its service account refers to it, so that kubelet does not use it.",
    'Set the Helm value image.imagePullSecrets of Velero, in the override of the built-in extension velero.',
  ),
  PULL_SECRET_NOT_FOUND: fail(
    'No Secret of this name in this namespace.',
    'Create it in the namespace of Velero; secrets of other namespaces do not count.',
  ),
  PULL_SECRET_TYPE: fail(
    'The Secret is of a type in which kubelet looks for no login.',
    'Make it with kubectl create secret docker-registry.',
  ),
  PULL_SECRET_KEY: fail('The Secret lacks the key that its type needs.', 'Make it with kubectl create secret docker-registry.'),
  PULL_SECRET_MALFORMED: fail(
    'The Secret or the docker config in it is broken; kubelet then uses none of the pod and pulls nothing.',
    'Make it anew with kubectl create secret docker-registry.',
  ),
  PULL_SECRET_NO_MATCH: fail(
    "No entry of the secret covers the image by kubelet's rules.",
    'Add an entry for the registry as it stands in the image reference.',
  ),
  PULL_SECRET_NO_LOGIN: fail(
    'The entry that covers the image has no user name: kubelet asks without a login.',
    'Put "auth" or "username" and "password" into the entry.',
  ),
  PULL_SECRET_REJECTED: fail('The registry rejects the login of the secret (401).', 'Correct user name and password or token.'),
  PULL_SECRET_DENIED: fail(
    'The registry knows the login of the secret but does not let it pull this image (403).',
    'Give the login the right to pull the repository.',
  ),
  PULL_SECRET_UNPROVEN: fail(
    'Whether the registry accepts the login could not be seen.',
    'See the check image; run again when the registry answers.',
  ),
} as const satisfies Record<string, CodeDoc>
