import fc from 'fast-check'

/** What is asked of containerd's own code and of ours: see node-rules/main.go. */
export type Question =
  | { readonly kind: 'reference'; readonly reference: string }
  | {
      readonly kind: 'platform'
      readonly want: string
      readonly root: { readonly mediaType: string; readonly digest: string; readonly size: number }
      readonly blobs: readonly string[]
    }
  | { readonly kind: 'hosts'; readonly host: string; readonly files: Readonly<Record<string, string>> }
  | { readonly kind: 'proxy'; readonly http: string; readonly https: string; readonly no: string; readonly url: string }

export const one = fc.constantFrom
export const joined = (parts: fc.Arbitrary<string>, maxLength: number) => fc.array(parts, { maxLength }).map(list => list.join(''))
/** Sometimes with one character more, less or another. */
export const spoilt = (text: fc.Arbitrary<string>, odd: readonly string[]) =>
  fc.tuple(text, fc.option(fc.tuple(fc.nat(300), fc.nat(1), one('', ...odd)), { freq: 1 })).map(([given, change]) => {
    if (change === null) return given
    const at = change[0] % (given.length + 1)
    return given.slice(0, at) + change[2] + given.slice(at + change[1])
  })
