/** What Embedded Cluster's own linter says of a plugin (EC 2.19 pkg/lint/validator.go, validateVeleroPlugins). */
export type LintError = { readonly index: number; readonly text: string } & (
  | { readonly field: 'name' | 'image'; readonly rule: 'missing' }
  | { readonly field: 'name' | 'image'; readonly rule: 'duplicate'; readonly first: number }
  | { readonly field: 'image'; readonly rule: 'invalid' }
)

/** Its rules, in its order: a plugin without a name is not looked at further, so that its image is no duplicate of another. */
export const lintPlugins = (plugins: readonly { readonly name: string; readonly image: string }[]): readonly LintError[] => {
  const names = new Map<string, number>()
  const images = new Map<string, number>()
  return plugins.flatMap(({ name, image }, index): readonly LintError[] => {
    if (name === '') return [{ index, field: 'name', rule: 'missing', text: name }]
    const twice = duplicate(names, 'name', name, index)
    if (image === '') return [...twice, { index, field: 'image', rule: 'missing', text: image }]
    const invalid: readonly LintError[] = lintTakesImage(image) ? [] : [{ index, field: 'image', rule: 'invalid', text: image }]
    return [...twice, ...duplicate(images, 'image', image, index), ...invalid]
  })
}

const duplicate = (seen: Map<string, number>, field: 'name' | 'image', text: string, index: number): readonly LintError[] => {
  const first = seen.get(text)
  if (first === undefined) seen.set(text, index)
  return first === undefined ? [] : [{ index, field, rule: 'duplicate', text, first }]
}

/** distribution/reference 0.6 regexp.go, ReferenceRegexp; written so that no text takes more than linear time. */
const component = '[a-zA-Z0-9]+(?:-+[a-zA-Z0-9]+)*'
const domain = `(?:${component}(?:\\.${component})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const pathComponent = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}'
const reference = new RegExp(`^(?:${domain}/)?${pathComponent}(?:/${pathComponent})*(?::\\w[\\w.-]{0,127})?(?:@${digest})?$`)

/** Laxer than what a node takes: digests of a wrong length, names of any length, and upper-case hosts without a dot pass. */
export const lintTakesImage = (image: string): boolean => reference.test(image)
