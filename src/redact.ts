/**
 * Removes from a text what must never leave: userinfo and query strings of URLs (signed download addresses carry their
 * secret in the query), Authorization values, tokens in JSON, and web tokens. Used where a text from outside enters a message or
 * a fact.
 *
 * @param secrets what is known to be one, for a server that says back what it was sent
 */
export const redact = (text: string, secrets: readonly string[] = []): string =>
  secrets
    .filter(secret => secret.length >= 4)
    .reduce((left, secret) => left.replaceAll(secret, '***'), text)
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"'<>]*@/gi, '$1***@')
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s?#"'<>]*)\?[^\s#"'<>]*/gi, '$1?***')
    .replace(/\b(basic|bearer)\s+[A-Za-z0-9._~+/=-]{4,}/gi, '$1 ***')
    .replace(/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, '***')
    .replace(/("(?:token|access_token|refresh_token|identitytoken|registrytoken|password|secret|auth)"\s*:\s*")[^"]*"/gi, '$1***"')

/** `url` without userinfo and query, for messages. */
export const redactUrl = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}${url.search === '' ? '' : '?***'}`

/**
 * Text from a registry, a manifest or a file name for one line of a message: control characters and line breaks (which
 * could forge lines of a report or drive a terminal) escaped, and at most `limit` characters.
 */
export const printable = (text: string, limit = 200): string => {
  const escaped = text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must be escaped
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b-\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069]/g,
    c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return escaped.length <= limit ? escaped : `${escaped.slice(0, limit - 1)}…`
}
