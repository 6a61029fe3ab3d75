import { escapeHtml } from '../html/element.ts'
import { plainText } from '../plain-text.ts'

/**
 * Text that Markdown and the HTML in it leave as it is: every character that could begin something is escaped
 * within a line (CommonMark 0.31, 2.4 and 6). GFM makes links of bare addresses, and GitHub calls people by `@name` as soon as a
 * summary is put into a comment: an empty comment between the parts ends that. To stand within a line is for the caller.
 */
export const markdownText = (text: string): string =>
  plainText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_[\]|~$^]/g, '\\$&')
    .replace(/(?<=:)(?=\/\/)|(?<=[@#])|(?<=\bwww)(?=\.)/gi, '<!-- -->')

/** For one cell of a table, or one item of a list. */
export const inLine = (text: string): string => markdownText(text).replaceAll('\n', '<br>')

/** Within a block of HTML, where Markdown is not read (CommonMark 0.31, 4.6): its escapes would be seen there. */
export const inHtml = (text: string): string =>
  escapeHtml(text)
    .replaceAll('\n', '<br>')
    .replace(/(?<=[@#])(?!39;)/g, '<!-- -->')
