/**
 * The text of the first document, which is all that go-yaml's Unmarshal and so sigs.k8s.io/yaml look at: what comes behind it may be
 * no YAML at all.
 */
export const firstDocument = (text: string): string => {
  const start = /^\ufeff?(?:[ \t]*(?:#.*)?\r?\n|%.*\n)*(?:---(?=\s|$))?/.exec(text)?.[0].length ?? 0
  const end = /^(?:---|\.\.\.)(?=\s|$)/m.exec(text.slice(start).replace(/^./, ' '))
  return end === null ? text : text.slice(0, start + end.index)
}
