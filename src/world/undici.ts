let loaded: Promise<typeof import('undici')> | undefined

/** Loaded when something is first asked for, and once: bundled, each import of it would copy all that it exports. */
export const loadUndici = (): Promise<typeof import('undici')> => {
  loaded ??= import('undici')
  return loaded
}
