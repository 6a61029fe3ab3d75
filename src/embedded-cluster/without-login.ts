import { redact } from '../redact.ts'

/** What stands behind the @ of a digest, right or wrong. */
const digestLike = /^(?:sha|md|blake)\d[\w+.-]*(?::[^/@]*)?$/i

/**
 * Addresses with a password or a token in them are written where an image belongs, with a scheme or without; those never leave. All
 * else stays as it stands: a tag before a digest is no login, nor is one with nothing behind its @.
 */
export const withoutLogin = (text: string): string => withoutUser(redact(text).replace(/\?(?=[^?]*=|\S{8}).*$/s, '?***'))

const withoutUser = (text: string): string => {
  const authority = text.slice(0, text.search(/[/\s]|$/))
  const last = authority.lastIndexOf('@')
  const at = digestLike.test(text.slice(last + 1)) ? authority.slice(0, last).lastIndexOf('@') : last
  const colon = authority.indexOf(':')
  const hasPassword = colon > 0 && colon < at - 1
  return hasPassword && at < text.length - 1 ? `***${text.slice(at)}` : text
}
