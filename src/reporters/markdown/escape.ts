import { plainText } from '../plain-text.ts'

/**
 * Text that Markdown and the HTML in it leave as it is: every character that could begin something is escaped
 * (CommonMark 0.31, 2.4 and 6.6; GFM's autolinks by their colon and their `www.`). A mention would call people as soon as the
 * summary is put into a comment: the comment between its parts ends it.
 */
export const markdownText = (text: string): string =>
  plainText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_{}[\]()#+\-.!|~:$"'=^]/g, '\\$&')
    .replaceAll('@', '@<!-- -->')

/** For one cell of a table, or one item of a list. */
export const inLine = (text: string): string => markdownText(text).replaceAll('\n', '<br>')
