import { redact } from '../redact.ts'

/**
 * Addresses with a password or a token in them are written where an image belongs, with a scheme or without; those never leave. All
 * else stays as it stands: a tag before an @ that no host follows is no login.
 */
export const withoutLogin = (text: string): string =>
  redact(text)
    .replace(/\?[^?]*=.*$/s, '?***')
    .replace(/^[^/@\s]+:[^/@\s]+@(?=[^@]*\/|[^@/:]+\.[^@/:]+(?::\d+)?$)/, '***@')
