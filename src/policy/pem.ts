/** One PEM block (RFC 7468), its base64 decoded. */
export interface PemBlock {
  readonly label: string
  readonly der: Buffer
}

const block = /-----BEGIN ([A-Z0-9 ]{1,64})-----[ \t]*\r?\n([A-Za-z0-9+/=\r\n \t]*)-----END \1-----/g
const quanta = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Every label that opens a block, whether or not the block can be read. */
export const pemLabels = (text: string): readonly string[] =>
  [...text.matchAll(/-----BEGIN ([^-\r\n]{1,64})-----/g)].map(([, label = '']) => label)

/** The blocks of `text`, with CRLF or LF; text around them is skipped, a block that is not strict base64 is left out. */
export const pemBlocks = (text: string): readonly PemBlock[] =>
  [...text.matchAll(block)].flatMap(([, label = '', body = '']) => {
    const base64 = body.replace(/\s/g, '')
    return base64 !== '' && quanta.test(base64) ? [{ label, der: Buffer.from(base64, 'base64') }] : []
  })
