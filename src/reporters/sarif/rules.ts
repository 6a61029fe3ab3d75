import type { ReportContext } from '../reporter.ts'

/** A code as a check gives it. */
export interface Given {
  readonly check: string
  readonly code: string
}

/** Of the checks themselves codes are one name each; what any check or the run may say stands alone too. */
export const ruleIdOf = ({ code }: Given): string => code

const levels = { pass: 'none', warn: 'warning', fail: 'error' } as const

/** GitHub's limit for descriptions. */
const limit = 1024
const short = (text: string): string => (text.length <= limit ? text : `${text.slice(0, limit - 1)}…`)

const pageOf = (check: string): string => `docs/checks/${check.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}.md`

/** Every rule that a result names, once, in the order of its first use. */
export const rulesOf = (given: readonly Given[], { describe }: ReportContext) => {
  const first = new Map(given.toReversed().map(one => [ruleIdOf(one), one]))
  return [...new Set(given.map(ruleIdOf))].map(id => {
    const { check, code } = first.get(id) ?? { check: 'run', code: id }
    const doc = describe?.(code, check)
    const meaning = short(doc?.meaning ?? code)
    const remedy = doc?.remedy ?? 'See the message.'
    const page = check === 'run' ? 'docs/errors.md' : pageOf(check)
    return {
      id,
      name: nameOf(code),
      shortDescription: { text: meaning },
      fullDescription: { text: meaning },
      help: {
        text: `${remedy} All codes of the check: ${page} of velero-plugin-preflight.`,
        markdown: `**What to do:** ${remedy}\n\nAll codes of the check: \`${page}\` of velero-plugin-preflight. The same on the command line: \`velero-plugin-preflight explain ${code}\`.`,
      },
      defaultConfiguration: { level: levels[doc?.status ?? 'fail'] },
      properties: { tags: [check] },
    }
  })
}

/** `IMAGE_NOT_FOUND` → `ImageNotFound`, as names of rules are written (SARIF 2.1.0, 3.49.7). */
const nameOf = (code: string): string =>
  code
    .toLowerCase()
    .split('_')
    .map(word => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')
