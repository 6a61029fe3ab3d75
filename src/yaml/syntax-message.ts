import { printable } from '../redact.ts'

/** The parser's words for what is wrong, and ours, which say what to do. */
const sentences: readonly (readonly [RegExp, string])[] = [
  [/^Missing closing (["'])quote$/, 'a text that begins with $1 is not closed, or goes on in a line that is not indented'],
  [/^Nested mappings are not allowed.*$/s, 'a second ": " in one line; put the text in quotes'],
  [/^Implicit map keys need.*$/s, 'a key without ": " after it'],
  [/^Implicit keys.*$/s, 'a key takes more than one line'],
  [
    /^Flow (sequence|map) in block collection must be sufficiently indented and end with a (.)$/,
    'a $1 is not closed: $2 is missing, or stands too far left',
  ],
  [/^All (mapping|sequence) items must start.*$/s, 'this does not begin at the column where the items of its $1 begin'],
  [/^Plain value cannot start with (?:.* )?(.)$/, 'a text that begins with $1 needs quotes'],
  [/^Map comment with trailing content$/, 'this is no key: value of the mapping before it; a key must be text'],
  [/^Sequence item without - indicator$/, 'an item of the sequence has no - before it'],
  [/^Comments must be separated.*$/s, 'a space is missing before the #'],
  [/^Invalid escape sequence (.*)$/, 'unknown escape $1 in double quotes'],
  [
    /^Unexpected (?:scalar|[\w-]+-quoted-scalar|block-map|block-seq|flow-seq-start|flow-map-start)\b.* at node end$/,
    'this does not belong to the value before it; is the indentation right?',
  ],
  [/^Unexpected flow-(?:seq|map)-end token.*$/s, 'a closing bracket without an opening one'],
  [/^Unexpected (?:token|scalar|[\w-]+-quoted-scalar|[\w-]+) (?:token )?in YAML (?:stream|document).*$/s, 'this cannot stand here'],
  [/^Block scalar header includes extra characters: (.*)$/s, 'a text that begins with | or > needs quotes: $1'],
]

/** What is wrong, for `file:line:column: …`. */
export const syntaxMessage = (message: string): string => {
  const row = sentences.find(([pattern]) => pattern.test(message))
  return printable(row === undefined ? message.charAt(0).toLowerCase() + message.slice(1) : message.replace(...row))
}
