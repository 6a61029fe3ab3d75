/** What is wrong with bytes that should be DER, a certificate or a CRL, in a few words that fit after "it is unusable:". */
export class X509Error extends Error {
  override readonly name = 'X509Error'
}
