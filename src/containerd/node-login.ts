import { decodeGoBase64 } from '../kubelet/base64.ts'
import type { NodeLogin } from './registry-host.ts'
import type { RegistryLogin } from './registry-tables.ts'

/** containerd 2.4 internal/cri/server/images `ParseAuth`; undefined also where that gives an error, which fails the login. */
export const nodeLogin = (login: RegistryLogin | undefined): NodeLogin | undefined => {
  if (login === undefined) return undefined
  if (login.username !== '') return { username: login.username, password: login.password }
  if (login.identityToken !== '') return { username: '', password: login.identityToken }
  const decoded = login.auth === '' ? undefined : decodeGoBase64(login.auth, 'padded')?.toString()
  const colon = decoded?.indexOf(':') ?? -1
  if (decoded === undefined || colon < 0) return undefined
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/^\0+|\0+$/g, '') }
}
