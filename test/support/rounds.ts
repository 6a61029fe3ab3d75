import type { RegistryClient } from '../../src/world/world.ts'

export interface Rounds {
  readonly client: RegistryClient
  /** What was asked in each round, in the order of asking: all that could be asked without waiting for another answer of the round. */
  readonly rounds: readonly (readonly string[])[]
}

/**
 * Lets a client's questions through in rounds: what is asked while answers are outstanding waits until all of them are there. So the
 * number of rounds is the number of round trips that wait for each other, whatever time each takes.
 */
export const inRounds = (client: RegistryClient): Rounds => {
  const rounds: string[][] = []
  let waiting: { readonly what: string; readonly go: () => void }[] = []
  let outstanding = 0
  const next = (): void => {
    if (outstanding > 0 || waiting.length === 0) return
    const released = waiting
    waiting = []
    outstanding = released.length
    rounds.push(released.map(({ what }) => what))
    for (const { go } of released) go()
  }
  const asked = async <T>(what: string, ask: () => Promise<T>): Promise<T> => {
    await new Promise<void>(go => {
      waiting.push({ what, go })
      setImmediate(next)
    })
    try {
      return await ask()
    } finally {
      outstanding--
      // What follows from the answer is asked before the next turn of the loop.
      setImmediate(next)
    }
  }
  return {
    rounds,
    client: {
      ...client,
      manifest: (image, reference, as) => asked(`manifest ${reference}`, () => client.manifest(image, reference, as)),
      referrers: (image, subject, as) => asked(`referrers ${subject}`, () => client.referrers(image, subject, as)),
      blobBytes: (image, descriptor, limitBytes, as) =>
        asked(`blob ${descriptor.digest}`, () => client.blobBytes(image, descriptor, limitBytes, as)),
    },
  }
}
