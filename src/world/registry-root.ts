import { PreflightError } from '../errors.ts'
import { mediaTypeOf } from './answers.ts'
import type { Exchange } from './exchange.ts'
import { credentialKey } from './registry-auth.ts'
import { loginAt, pullScope, type RegistryContext } from './registry-context.ts'

/** @see RegistryContext.isRegistry */
export const createRootCheck = (exchange: Exchange): RegistryContext['isRegistry'] => {
  // Of the places where signatures may be most are absent: that is no reason to ask each time again.
  const known = new Map<string, Promise<boolean>>()
  return async (endpoint, image, given) => {
    const url = new URL(endpoint.root)
    url.pathname = `${endpoint.root.pathname.replace(/\/$/, '')}/`
    const as = loginAt(endpoint, given)
    const ask = async (): Promise<boolean> => {
      try {
        const answer = await exchange.small(
          { url, headers: {}, what: 'the registry API', as, at: endpoint, scope: pullScope(image) },
          64 << 10,
        )
        return answer.status === 200 && mediaTypeOf(answer) !== 'text/html'
      } catch (error) {
        // It asked for a login, as a registry does.
        return error instanceof PreflightError && (error.code === 'REGISTRY_UNAUTHORIZED' || error.code === 'REGISTRY_REALM')
      }
    }
    const key = `${url.href} ${credentialKey(as)}`
    const asking = known.get(key) ?? ask()
    known.set(key, asking)
    const answer = await asking
    if (!answer) known.delete(key)
    return answer
  }
}
