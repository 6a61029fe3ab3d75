import { Malformed } from '../malformed.ts'
import { childrenOf, context, contextPrimitive, type Der, expectTag, oidOf, readDer, sequenceOf, tags } from './der.ts'
import { type Certificate, extensionOids } from './x509.ts'

/** Whom a certificate is for, and who vouched for that. */
export interface CertificateNames {
  /** All subject alternative names: e-mail addresses, URIs, DNS names, IP addresses, and user names of Fulcio. */
  readonly subjects: readonly string[]
  /** The OIDC issuer; undefined in certificates of others than Fulcio. */
  readonly issuer: string | undefined
}

/** github.com/sigstore/fulcio docs/oid-info.md; the issuer is DER in certificates of today, and bare text in those of the first years. */
const fulcioOids = { issuer: '1.3.6.1.4.1.57264.1.8', oldIssuer: '1.3.6.1.4.1.57264.1.1', userName: '1.3.6.1.4.1.57264.1.7' }
const maxNames = 64

/** @throws Malformed */
export const namesOf = ({ extensions }: Certificate): CertificateNames => {
  const names = extensions.get(extensionOids.subjectAltName)
  const general = names === undefined ? [] : sequenceOf(readDer(names.value, what), what)
  if (general.length > maxNames) throw new Malformed(`${what} are more than ${maxNames}`)
  const [issuer, oldIssuer] = [extensions.get(fulcioOids.issuer), extensions.get(fulcioOids.oldIssuer)]
  return {
    subjects: general.map(nameOf).filter(name => name !== undefined),
    issuer:
      issuer === undefined
        ? oldIssuer && textOf(oldIssuer.value)
        : textOf(expectTag(readDer(issuer.value, what), tags.utf8String, what).content),
  }
}
const what = "the certificate's names"

/** RFC 5280 4.2.1.6 GeneralName. Names of other kinds identify nobody here. */
const nameOf = (name: Der): string | undefined => {
  switch (name.tag) {
    case contextPrimitive(1):
    case contextPrimitive(2):
    case contextPrimitive(6):
      return textOf(name.content)
    case contextPrimitive(7):
      return addressOf(name.content)
    case context(0): {
      const [type, value] = childrenOf(name, what)
      if (oidOf(type, what) !== fulcioOids.userName) return undefined
      return textOf(expectTag(childrenOf(expectTag(value, context(0), what), what)[0], tags.utf8String, what).content)
    }
    default:
      return undefined
  }
}

/** A name with control characters could be taken for another when it is read or matched. */
const textOf = (bytes: Buffer): string => {
  const text = bytes.toString('utf8')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  if (/[\u0000-\u001f\u007f\ufffd]/.test(text)) throw new Malformed(`${what} hold control characters or no text`)
  return text
}

const addressOf = (bytes: Buffer): string | undefined => {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return undefined
  return new URL(`http://[${(bytes.toString('hex').match(/.{4}/g) ?? []).join(':')}]`).hostname.slice(1, -1)
}
