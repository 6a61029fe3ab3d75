import type { HistoryEntry } from './image-config.ts'

/** A step of a Dockerfile, or of what made it, that names the folder. */
const namesPlugins = /\/plugins\b/

/**
 * The lowest layer whose step in the history names /plugins; undefined where there is none. Nothing verifies a history: it
 * says where to look first, and proves nothing.
 *
 * @param count of the layers that are unpacked
 */
export const lowestPluginsLayer = (history: readonly HistoryEntry[], count: number): number | undefined => {
  const steps = history.filter(({ emptyLayer }) => !emptyLayer)
  if (steps.length !== count) return undefined
  const index = steps.findIndex(
    ({ createdBy, comment }) => namesPlugins.test(createdBy.slice(0, 4096)) || namesPlugins.test(comment.slice(0, 4096)),
  )
  return index < 0 ? undefined : index
}
