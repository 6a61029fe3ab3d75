import type { SecretFact } from '../../facts/pull-secret.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { reason } from '../analyzer.ts'
import { type Case, secretName } from './case.ts'

/** A Secret that is there and that the running pod does not get, or may not; undefined when it does, or there is no pod yet. */
export const notInPod = ({ fact: { pod, podUnread }, image, pulled, finding }: Case, secret: SecretFact): Finding | undefined => {
  if (podUnread !== undefined) {
    const message = `whether the secret ${secretName(secret)} reaches Velero's pod is not known. ${reason(podUnread)}`
    return finding('PULL_SECRET_POD_UNREAD', message)
  }
  if (pod === undefined || pod.secrets.includes(secret.name)) return undefined
  const list = (names: readonly string[]) => (names.length === 0 ? 'none' : names.map(name => printable(name, 80)).join(', '))
  const account = `its service account ${printable(pod.serviceAccount, 80)}`
  const hidden = pod.hidden?.includes(secret.name) ?? false
  const why = hidden
    ? `${account} has it, but a pod that refers to secrets itself (${list(pod.secrets)}) gets none of its service account`
    : pod.of === 'pod'
      ? `the pod of the Deployment ${pod.deployment} refers to ${list(pod.secrets)} only${pod.hidden === undefined ? '' : `, and ${account} to ${list(pod.hidden)}`}`
      : `neither the pod of the Deployment ${pod.deployment} nor ${account} refers to it (the account has ${list(pod.secrets)})`
  const effect = pulled ? `the node pulls ${image} without it` : `the node cannot pull ${image}`
  // A list in Helm values takes the place of the one before.
  const value = `[${[...pod.secrets, secret.name].map(name => printable(name, 253)).join(', ')}]`
  return finding(
    'PULL_SECRET_NOT_IN_POD',
    `the secret ${secretName(secret)} is there, but kubelet does not use it: ${why}. So ${effect}. Set the Helm value image.imagePullSecrets of Velero to ${value}, in the override of the built-in extension velero.`,
    [
      [
        'in the Config, beside what the override holds already:',
        'spec:',
        '  unsupportedOverrides:',
        '    builtInExtensions:',
        '      - name: velero',
        '        values: |',
        '          image:',
        `            imagePullSecrets: ${value}`,
      ].join('\n'),
    ],
  )
}
