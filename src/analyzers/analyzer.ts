import type { Digest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { type CredentialSource, type Failure, loginUnknown, type Plugin } from '../facts/fact.ts'
import type { Attempt } from '../facts/image.ts'
import type { CheckKind, FactKind, Facts, PluginFactKind } from '../facts.ts'
import { type CodeDoc, type Finding, withHint } from '../outcome.ts'
import type { SignaturePolicy } from '../policy/policy.ts'
import { printable } from '../redact.ts'
import type { NotationTrust } from '../trust/notation.ts'

/** What an analyzer is given: facts, and the user's trust and policy. It is synchronous, so it cannot reach the network. */
export interface AnalyzeInput {
  readonly plugins: readonly Plugin[]
  readonly platforms: readonly string[]
  /** `embedded-cluster`, `proposal` or `auto` (design.md 4, Config). */
  readonly schema: 'embedded-cluster' | 'proposal' | 'auto'
  readonly policy: SignaturePolicy<NotationTrust>
  /** The time for which is judged: that of the collection, or `--at`. */
  readonly at: Date
  /** `1.18.2`: the server that the plugins are meant for (`--velero-version`, `--ec-version`); absent when nobody said. */
  readonly veleroVersion?: string
  /** `--pull-rate`: how fast a node is taken to pull; absent: the default. */
  readonly pullBytesPerSecond?: number
  /** @throws PreflightError FACT_MISSING when nothing of this kind was collected */
  read<K extends FactKind>(kind: K): readonly Facts[K][]
  /** @throws PreflightError FACT_MISSING, FACT_ALTERED */
  blob(digest: Digest): Uint8Array
}

/** What is found of one plugin (or of the whole Config, without `plugin`), and the values that a spec's `when` may compare. */
export interface Judgement {
  readonly plugin?: string
  /** Never empty: what needs no word is a pass finding that says what was seen. */
  readonly findings: readonly Finding[]
  readonly values: Readonly<Record<string, string | number | boolean>>
}

/** What is said of a check wherever it is named: in specs, reports and documentation. */
export interface Check<K extends CheckKind = CheckKind> {
  /** The check: also the file, the spec key, and the fact where it has one of its own. */
  readonly kind: K
  /** Title of its results, without the plugin: `Image`, `Pull secret`. */
  readonly title: string
  /** Every code that it can give. */
  readonly codes: Readonly<Record<string, CodeDoc>>
  /** Every value that `when` may compare, with its meaning. */
  readonly values: Readonly<Record<string, string>>
}

export interface Analyzer<K extends CheckKind = CheckKind> extends Check<K> {
  analyze(input: AnalyzeInput): readonly Judgement[]
}

/**
 * The items of `kind` for this plugin and its image. @throws PreflightError FACT_MISSING when there is none: a missing fact is
 * never a pass, nor is one about another image
 */
export const factsOf = <K extends PluginFactKind>(input: AnalyzeInput, kind: K, plugin: Plugin): readonly Facts[K][] => {
  const items = input.read(kind).filter(item => item.plugin === plugin.plugin && item.image === plugin.image)
  if (items.length === 0) {
    throw new PreflightError(
      'FACT_MISSING',
      `Nothing was collected for the check ${kind} of ${printable(plugin.image) || 'this plugin'}.`,
      {
        hint: 'Collect again.',
      },
    )
  }
  return items
}

/** The words of a failed fact, for a finding's message. */
export const reason = (failed: Failure): string => withHint(failed)

/** A login as it stands in a sentence: `the login "bob" of the secret velero/regcred`. */
export const loginWords = (credential: CredentialSource): string => {
  if (credential.kind === 'anonymous' || credential.kind === 'local') return 'no login'
  const login = credential.username === '' ? 'an entry without username' : `the login "${printable(credential.username, 80)}"`
  const entry = credential.entry === '' ? '' : ` (entry ${printable(credential.entry, 120)})`
  if (credential.kind === 'license') return `the licence ${printable(credential.file)}`
  if (credential.kind === 'node') return `${login} of the node, in ${printable(credential.file)}${entry}`
  if (credential.kind === 'dockerConfig') return `${login} of ${printable(credential.file)}${entry}`
  return `${login} of the secret ${printable(`${credential.namespace}/${credential.name}`)}${entry}`
}

/** What the registry said to a login, as the end of a sentence: `the registry …`. */
export const refusalWords = (attempt: Attempt & Failure): string => briefly(attempt) ?? 'gives no usable answer'

const briefly = ({ credential, code }: Attempt & Failure): string | undefined => {
  const nameless = !('username' in credential) || credential.username === ''
  const words: Readonly<Record<string, string>> = {
    REGISTRY_UNAUTHORIZED: nameless ? 'wants a login (401)' : 'rejects it (401)',
    REGISTRY_DENIED: 'does not allow it (403)',
    MANIFEST_NOT_FOUND: 'says that there is no such image (404)',
    REGISTRY_RATE_LIMITED: 'answers no more for now (429)',
  }
  return words[code]
}

/** One line of evidence. */
export const attemptLine = (attempt: Attempt): string => {
  if (attempt.credential.kind === 'local') {
    const found = attempt.ok ? attempt.digest : `${attempt.code}: ${printable(attempt.message, 400)}`
    return `read from ${printable(attempt.credential.reference)}, no registry was asked: ${found}`
  }
  const { credential } = attempt
  if (attempt.ok) return `asked with ${loginWords(credential)}: found ${attempt.digest}`
  const message = printable(attempt.message, 400)
  if (loginUnknown(attempt.code) || attempt.code === 'SECRET_UNUSABLE') return `not asked: ${message}`
  const words = briefly(attempt)
  return `asked with ${loginWords(credential)}: ${words === undefined ? message : `the registry ${words}`}`
}
