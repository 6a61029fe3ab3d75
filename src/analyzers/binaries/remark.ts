import type { BinariesFact } from '../../facts/binaries.ts'
import type { Finding } from '../../outcome.ts'
import { type BinariesCode, binariesCodes } from './codes.ts'

/** A fact that could be had. */
export type Seen = Extract<BinariesFact, { ok: true }>

/** Something found on one platform; the same on several becomes one finding. */
export interface Remark {
  readonly code: BinariesCode
  /** The message without plugin and platform. */
  readonly text: string
  readonly evidence: readonly string[]
}

export const remark = (code: BinariesCode, text: string, evidence: readonly string[] = []): Remark => ({ code, text, evidence })

/** One finding for each code and text, naming the platforms that it was found on. */
export const findingsOf = (
  plugin: string,
  remarks: readonly { readonly platform: string; readonly remarks: readonly Remark[] }[],
): readonly Finding[] => {
  const grouped = new Map<string, { readonly first: Remark; readonly platforms: string[] }>()
  for (const { platform, remarks: list } of remarks) {
    for (const one of list) {
      const id = `${one.code} ${one.text}`
      const group = grouped.get(id) ?? { first: one, platforms: [] }
      if (!group.platforms.includes(platform)) group.platforms.push(platform)
      grouped.set(id, group)
    }
  }
  return [...grouped.values()].map(({ first: { code, text, evidence }, platforms }) => ({
    status: binariesCodes[code].status,
    code,
    message: `${plugin}: on ${platforms.join(' and ')}, ${text}`,
    ...(evidence.length === 0 ? {} : { evidence }),
  }))
}

const maxOfOneKind = 5

/** A hundred files with one fault are one mistake: the first few are told in full, the rest are counted. */
export const shortened = (remarks: readonly Remark[]): readonly Remark[] => {
  const byCode = Map.groupBy(remarks, ({ code }) => code)
  return [...byCode.values()].flatMap(list => {
    if (list.length <= maxOfOneKind) return list
    const rest = list.slice(maxOfOneKind - 1)
    const more = remark(
      list[0]!.code,
      `${rest.length} more files have the same fault. Correct all of them.`,
      rest.slice(0, 50).flatMap(({ evidence }) => evidence),
    )
    return [...list.slice(0, maxOfOneKind - 1), more]
  })
}
