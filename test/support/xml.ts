export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  readonly text: string
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#10': '\n' }

// Char of XML 1.0, section 2.2
const characters = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u

const decoded = (text: string): string => {
  if (/[<>]/.test(text)) throw new Error(`a < or > stands in ${text}`)
  return text.replace(/&([^;]*);?/g, (whole, name: string) => {
    const character = entities[name]
    if (character === undefined || !whole.endsWith(';')) throw new Error(`no entity: ${whole}`)
    return character
  })
}

/** A strict reader of the part of XML that reports use: a declaration, elements, attributes in double quotes, five entities. */
export const parseXml = (document: string): XmlElement => {
  if (!characters.test(document)) throw new Error('a character that XML does not have')
  const tokens = document.matchAll(/<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>|<\?xml version="1.0" encoding="UTF-8"\?>\n|([^<]+)|</g)
  type Open = { name: string; attributes: Record<string, string>; children: XmlElement[]; text: string }
  const root: Open = { name: '', attributes: {}, children: [], text: '' }
  const open: Open[] = [root]
  for (const [whole, close, name, attributes = '', empty, text] of tokens) {
    const top = open.at(-1)!
    if (text !== undefined) top.text += decoded(text)
    else if (name === undefined) {
      if (!whole.startsWith('<?xml')) throw new Error('a < that begins nothing')
    } else if (close === '/') {
      if (top.name !== name) throw new Error(`</${name}> closes <${top.name}>`)
      open.pop()
    } else {
      const one: Open = { name, attributes: {}, children: [], text: '' }
      for (const [, key, value] of attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)) {
        if (key! in one.attributes) throw new Error(`${key} twice`)
        one.attributes[key!] = decoded(value!)
      }
      top.children.push(one)
      if (empty !== '/') open.push(one)
    }
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error('not one element')
  return root.children[0]!
}
