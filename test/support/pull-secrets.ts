import type { PullSecret } from '../../src/kubelet/secret.ts'
import { secretStore } from '../../src/world/secret-files.ts'

/** A well-formed pull secret with these logins: `registry: user:password`. */
export const pullSecretOf = (name: string, logins: Readonly<Record<string, string>>, more: Partial<PullSecret> = {}): PullSecret => {
  const auths = Object.fromEntries(
    Object.entries(logins).map(([registry, login]) => [registry, { auth: Buffer.from(login).toString('base64') }]),
  )
  return {
    namespace: 'velero',
    name,
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': JSON.stringify({ auths }) },
    from: 'secrets.yaml:1',
    problems: [],
    ...more,
  }
}

export const storeOf = (...secrets: readonly PullSecret[]) => secretStore(secrets, ['secrets.yaml'])
