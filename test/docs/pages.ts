import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments, visit } from 'yaml'

/** A fenced block of a page. */
export interface Block {
  readonly language: string
  readonly text: string
}

export interface Page {
  /** From the root of the checkout: `docs/lint.md`. */
  readonly path: string
  readonly text: string
  readonly blocks: readonly Block[]
  /** What stands between backticks outside of blocks. */
  readonly code: readonly string[]
}

/** Made from the program's own help and codes, and compared with them elsewhere: test/generated.test.ts. */
const generated = ['docs/command-line.md', 'docs/errors.md']

const fence = /^```([\w-]*)\n([\s\S]*?)^```$/gm

const readPage = (path: string): Page => {
  const text = readFileSync(path, 'utf8')
  return {
    path,
    text,
    blocks: [...text.matchAll(fence)].map(([, language = '', block = '']) => ({ language, text: block })),
    code: [...text.replace(fence, '').matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, code = '']) => code),
  }
}

export const pages: readonly Page[] = [
  'README.md',
  'examples/velero-postgresql/README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => join('docs', name))
    .toSorted(),
]
  .filter(path => !generated.includes(path))
  .map(readPage)

const shells = ['', 'sh', 'bash']

/** The lines of a block as a shell reads them: continued ones are one, without comments. */
const linesOf = (text: string): readonly string[] =>
  text
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map(line => line.replace(/(^|\s)#\s.*$/, '').trim())
    .filter(line => line !== '')

/** Commands of CI jobs: GitHub's `run`, GitLab's `script`. */
const jobLines = (text: string): readonly string[] =>
  parseAllDocuments(text).flatMap(document => {
    const found: string[] = []
    visit(document, {
      Pair: (_, { key, value }) => {
        if (['run', 'script'].includes(String(key))) found.push(...linesOf(String(value)))
      },
    })
    return found
  })

/** Every command line of a page, in its order. A block without a language is one of commands. */
export const commandsOf = ({ blocks }: Page): readonly string[] =>
  blocks.flatMap(({ language, text }) => (shells.includes(language) ? linesOf(text) : language === 'yaml' ? jobLines(text) : []))

/** The programs that a line starts. */
export const programsOf = (line: string): readonly string[] =>
  line
    .replace(/'[^']*'|"[^"]*"/g, '_')
    .split(/&&|\|\|?|;|<\(/)
    .map(part => part.trim().replace(/^(?:\w+=\S*\s+)+/, ''))
    .map(part => /^[^\s)]+/.exec(part)?.[0] ?? '')
    .filter(word => word !== '')
