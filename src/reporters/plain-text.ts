import { printable } from '../redact.ts'

/** The lines of a text are its own; whatever else would drive a terminal, hide text or turn its direction is not let through. */
export const plainText = (text: string): string =>
  text
    .split('\n')
    .map(line => printable(line, Number.POSITIVE_INFINITY))
    .join('\n')
    // Half a character, and what is none, XML and UTF-8 do not have.
    .toWellFormed()
    .replace(/[\ufffe\uffff]/g, '\ufffd')

/** Every message names its plugin, for readers that show messages alone; here it stands under the plugin's own head. */
export const withoutName = (message: string, plugin: string | undefined): string => {
  const lead = plugin === undefined ? '' : `${printable(plugin)}: `
  return message.startsWith(lead) ? message.slice(lead.length) : message
}
