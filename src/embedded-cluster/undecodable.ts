import { PreflightError } from '../errors.ts'
import type { ConfigFact } from '../facts/config.ts'
import { printable } from '../redact.ts'
import { firstDocument, parseYaml } from '../yaml-source.ts'
import { decodeError } from './lint/decode.ts'
import type { Chosen } from './release-choice.ts'

/** The first document that Embedded Cluster takes for a Config and cannot decode: then it does not start at all. */
export const undecodableOf = (all: readonly Chosen[], files: readonly { readonly file: string }[]): ConfigFact['undecodable'] => {
  for (const { file, first, text } of all) {
    const name = files[file]?.file ?? ''
    const why = faultOf(text, name, first)
    if (why !== undefined) return { position: { file: name, line: first, column: 1 }, why: printable(why, 300) }
  }
  return undefined
}

const faultOf = (text: string, name: string, first: number): string | undefined => {
  try {
    // Lines as they are in the file; those of a later document begin after its `---`.
    const document = '\n'.repeat(first === 1 ? 0 : first) + Buffer.from(firstDocument(text), 'latin1').toString()
    return decodeError(parseYaml(document, name, { twice: () => {} })[0]?.root)
  } catch (error) {
    if (error instanceof PreflightError) return error.message.split('\n')[0]
    throw error
  }
}
