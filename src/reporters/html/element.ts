import { plainText } from '../plain-text.ts'

/** HTML that may be put into the page as it is; every other text is escaped on its way. */
export interface Html {
  readonly html: string
}

export type Content = Html | string | readonly Content[]

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export const escapeHtml = (text: string): string => plainText(text).replace(/[&<>"']/g, character => entities[character] ?? '')

const textOf = (content: Content): string => {
  if (typeof content === 'string') return escapeHtml(content)
  return 'html' in content ? content.html : content.map(textOf).join('')
}

const empty = new Set(['input', 'meta', 'link', 'br'])

/** Attributes whose value is `undefined` or false are left out; names are ours alone. */
export const element = (
  name: string,
  attributes: Readonly<Record<string, string | boolean | undefined>>,
  ...content: readonly Content[]
): Html => {
  const written = Object.entries(attributes).map(([key, value]) =>
    value === undefined || value === false ? '' : value === true ? ` ${key}` : ` ${key}="${escapeHtml(value)}"`,
  )
  return { html: `<${name}${written.join('')}>${empty.has(name) ? '' : `${textOf(content)}</${name}>`}` }
}

/** Whether a browser may be sent there; anything else is shown as text. */
export const isWebAddress = (text: string): boolean => /^https?:\/\/[^\s]+$/i.test(text) && URL.canParse(text)
