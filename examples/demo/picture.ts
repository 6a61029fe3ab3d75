import { writeFileSync } from 'node:fs'
import { runDemo } from './run-demo.ts'

// Draws the demo's report, as a terminal shows it, into docs/report.svg: the picture of the README.

const lineHeight = 18
const charWidth = 8.4
const margin = 16
const escapeCode = String.fromCharCode(27)
const palette: Readonly<Record<string, string>> = { '31': '#f85149', '32': '#3fb950', '33': '#d29922' }

const escapeXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** One line with ANSI colours as tspans: bold, dim, red, green and yellow are all that a report uses. */
const spans = (line: string): string => {
  let style = { fill: '#e6edf3', weight: 'normal' }
  return line
    .split(new RegExp(`(${escapeCode}\\[\\d+m)`))
    .map(part => {
      const code = part.startsWith(escapeCode) ? part.slice(2, -1) : undefined
      if (code === undefined)
        return part === '' ? '' : `<tspan fill="${style.fill}" font-weight="${style.weight}">${escapeXml(part)}</tspan>`
      if (code === '1') style = { ...style, weight: 'bold' }
      else if (code === '2') style = { ...style, fill: '#8b949e' }
      else if (code === '22') style = { fill: '#e6edf3', weight: 'normal' }
      else style = { ...style, fill: palette[code] ?? '#e6edf3' }
      return ''
    })
    .join('')
}

const svg = (text: string): string => {
  const lines = text.trimEnd().split('\n')
  const width = Math.ceil(102 * charWidth + 2 * margin)
  const height = lines.length * lineHeight + 2 * margin
  const rows = lines.map(
    (line, index) => `<text x="${margin}" y="${margin + 13 + index * lineHeight}" xml:space="preserve">${spans(line)}</text>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    '<title>A report of velero-plugin-preflight</title>',
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">`,
    ...rows,
    '</g></svg>',
    '',
  ].join('\n')
}

const { report } = await runDemo({ colour: true })
writeFileSync('docs/report.svg', svg(report))
