import { parentPort, workerData } from 'node:worker_threads'
import { numbers } from '../support/numbers.ts'
import { archiveTargets } from './archive-targets.ts'
import { conversionTargets } from './conversion-targets.ts'
import { mutate } from './mutate.ts'
import { notationTargets } from './notation-targets.ts'
import { policyTargets } from './policy-targets.ts'
import { sigstoreTargets } from './sigstore-targets.ts'
import { Unjustified } from './target.ts'

/** What the thread is told. */
export interface FuzzOrder {
  readonly runs: number
  readonly seed: number
  /** Only targets whose name has this in it. */
  readonly only: string
  /** Where it is: the number of the case, the length of its input; then the input. */
  readonly place: SharedArrayBuffer
}

export interface FuzzFailure {
  readonly target: string
  readonly kind: 'crash' | 'unjustified' | 'unsound'
  readonly what: string
  /** Base64. */
  readonly input: string
}

export interface FuzzReport {
  readonly runs: number
  readonly targets: readonly { readonly name: string; readonly outcomes: Readonly<Record<string, number>>; readonly slowestMs: number }[]
  readonly failures: readonly FuzzFailure[]
}

const maxFailures = 20
const headerBytes = 8

const { runs, seed, only, place } = workerData as FuzzOrder
const targets = [...sigstoreTargets, ...notationTargets, ...policyTargets, ...archiveTargets, ...conversionTargets].filter(({ name }) =>
  name.includes(only),
)
const [numbersInPlace, bytesInPlace] = [new Int32Array(place, 0, 2), new Uint8Array(place, headerBytes)]
const below = numbers(seed)
const failures: FuzzFailure[] = []
const counts = targets.map(({ name }) => ({ name, outcomes: new Map<string, number>(), slowestMs: 0 }))
const pool = targets.flatMap(({ samples }) => samples)

const fail = (target: string, kind: FuzzFailure['kind'], what: string, input: Buffer): void => {
  if (failures.length < maxFailures) failures.push({ target, kind, what, input: input.toString('base64') })
}

/** Another thread can read what is in work, should it never end. */
const say = (index: number, input: Buffer): void => {
  const shown = input.subarray(0, bytesInPlace.length)
  bytesInPlace.set(shown)
  Atomics.store(numbersInPlace, 1, shown.length)
  Atomics.store(numbersInPlace, 0, index)
}

for (const { name, samples, sound, run } of targets)
  for (const sample of samples) {
    const word = run(sample)
    if (word !== sound) fail(name, 'unsound', `the sample as it is gives ${word}`, sample)
  }

for (let index = 0; index < runs && targets.length > 0 && failures.length < maxFailures; index++) {
  const [target, count] = [targets[index % targets.length]!, counts[index % targets.length]!]
  const input = mutate(target.samples[below(target.samples.length)]!, below, pool)
  say(index, input)
  const began = performance.now()
  let word: string
  try {
    word = target.run(input)
  } catch (error) {
    word = error instanceof Unjustified ? 'unjustified' : 'crash'
    fail(target.name, word as FuzzFailure['kind'], error instanceof Error ? `${error.stack}` : String(error), input)
  }
  count.slowestMs = Math.max(count.slowestMs, performance.now() - began)
  count.outcomes.set(word, (count.outcomes.get(word) ?? 0) + 1)
}

const report: FuzzReport = {
  runs,
  targets: counts.map(({ name, outcomes, slowestMs }) => ({
    name,
    outcomes: Object.fromEntries(outcomes),
    slowestMs: Math.round(slowestMs),
  })),
  failures,
}
parentPort?.postMessage(report)
