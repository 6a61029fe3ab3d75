import { printable } from '../redact.ts'
import type { Requirements } from './authority.ts'
import { type Contradiction, contradiction, type Logged } from './log-contradiction.ts'
import type { SealedLogEntry } from './log-entry.ts'
import { Malformed } from './malformed.ts'
import { inclusionOf } from './sigstore/log-inclusion.ts'
import { stampOf } from './sigstore/timestamp.ts'
import type { TrustedRoot } from './sigstore/trusted-root.ts'
import { type Fault, failed, notChecked, ok, type Step, type Witness } from './verdict.ts'

/** What came along with a signature, to prove when it was made and that it is known. */
export interface Evidence extends Logged {
  readonly logEntries: readonly SealedLogEntry[]
  /** TimeStampResp, DER. */
  readonly timestamps: readonly Buffer[]
}

/** What trusted logs and timestamp authorities say of it. */
export interface Witnessed {
  readonly steps: readonly Step[]
  readonly witnesses: readonly Witness[]
  /** Of the first step that failed. */
  readonly fault: Fault | undefined
}

/**
 * A witness that the trusted root does not know is passed over, and never counted; what a known one says must hold in full. One that
 * is asked for and missing is a failed step too.
 */
export const witnessesOf = (evidence: Evidence, root: TrustedRoot, require: Requirements): Witnessed => {
  const stamps = evidence.timestamps.map(stamp => lookAtStamp(stamp, evidence, root))
  const times = stamps.flatMap(({ witness }) => (witness?.time === undefined ? [] : [witness.time]))
  const entries = evidence.logEntries.map(entry => lookAtEntry(entry, evidence, root, times))
  const looked = [...stamps, ...entries]
  const witnesses = looked.flatMap(({ witness }) => (witness === undefined ? [] : [witness]))
  const steps = looked.flatMap(one => one.steps)
  const fault = looked.find(one => one.fault !== undefined)?.fault
  if (fault !== undefined) return { steps, witnesses: [], fault }
  const has = (kind: Witness['kind']) => witnesses.some(witness => witness.kind === kind)
  if (require.timestamp && !has('timestampAuthority')) {
    return {
      steps: [...steps, failed('timestamp', `a timestamp of ${namesOf(root.timestampAuthorities)}`, noneOr(evidence.timestamps))],
      witnesses,
      fault: 'untimed',
    }
  }
  if (require.log && !has('log')) {
    return {
      steps: [...steps, failed('logInclusion', `an entry in ${namesOf(root.logs)}`, noneOr(evidence.logEntries))],
      witnesses,
      fault: 'notLogged',
    }
  }
  return { steps, witnesses, fault: undefined }
}

const namesOf = (known: readonly { readonly name: string }[]): string =>
  [...new Set(known.map(({ name }) => name))].slice(0, 4).join(' or ') || 'one that the trusted root names (it names none)'
const noneOr = (found: readonly unknown[]): string => (found.length === 0 ? 'none' : 'only such of others')

interface Look {
  readonly steps: readonly Step[]
  readonly witness?: Witness
  readonly fault?: Fault
}

const lookAtStamp = (stamp: Buffer, { signature, envelope }: Evidence, root: TrustedRoot): Look => {
  const found = orMalformed(() => stampOf(stamp, envelope === undefined ? [signature] : [signature, envelope], root.timestampAuthorities))
  if (found instanceof Malformed) return { steps: [failed('timestamp', 'an RFC 3161 timestamp', found.message)], fault: 'untimed' }
  switch (found.state) {
    case 'unknown':
      return { steps: [notChecked('timestamp', 'it is by an authority that the trusted root does not name')] }
    case 'failed':
      return { steps: [failed('timestamp', found.expected, found.actual)], fault: 'untimed' }
    case 'proven': {
      const { authority, time } = found
      return {
        steps: [ok('timestamp', `${time.toISOString()}, by ${authority.name}`)],
        witness: { kind: 'timestampAuthority', name: printable(authority.name), time },
      }
    }
  }
}

const lookAtEntry = (entry: SealedLogEntry, evidence: Evidence, root: TrustedRoot, times: readonly Date[]): Look => {
  const found = orMalformed(() => inclusionOf(entry, root.logs, times))
  if (found instanceof Malformed) return { steps: [failed('logInclusion', 'a proof of inclusion', found.message)], fault: 'notLogged' }
  if (found.state === 'unknown') return { steps: [notChecked('logInclusion', 'it is in a log that the trusted root does not name')] }
  const about = entryStep(entry, evidence)
  if (about.outcome === 'failed') return { steps: [about], fault: 'logEntry' }
  if (found.state === 'failed') return { steps: [about, failed('logInclusion', found.expected, found.actual)], fault: 'notLogged' }
  const { log, time, by } = found
  const when = time === undefined ? '' : `, ${time.toISOString()}`
  return {
    steps: [about, ok('logInclusion', `${log.name}${when}, by ${by}`)],
    witness: { kind: 'log', name: printable(log.name), time },
  }
}

/** Whether the entry is about the signature that it came with: needs no trusted root. */
export const entryStep = (entry: SealedLogEntry, about: Logged): Step => {
  const found = orMalformed((): Contradiction | undefined => contradiction(entry, about))
  if (found instanceof Malformed) return failed('logEntry', 'an entry about this signature', found.message)
  return found === undefined ? ok('logEntry') : failed('logEntry', found.expected, found.actual)
}

const orMalformed = <T>(look: () => T): T | Malformed => {
  try {
    return look()
  } catch (error) {
    if (error instanceof Malformed) return error
    throw error
  }
}
