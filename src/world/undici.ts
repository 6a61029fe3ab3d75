let loaded: Promise<typeof import('./undici-parts.ts')> | undefined

/** Loaded when something is first asked for, and without what is never used here (fetch, WebSockets, caches): that takes as long again. */
export const loadUndici = (): Promise<typeof import('./undici-parts.ts')> => {
  loaded ??= import('./undici-parts.ts')
  return loaded
}
