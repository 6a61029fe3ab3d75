/**
 * The public API: collect facts about the Velero plugin images of an Embedded Cluster Config, judge them, report.
 *
 * @packageDocumentation
 */
export { type Acceptance, accept, parseAcceptance } from './accept.ts'
export { type AnalyzeOptions, analyze, analyzers } from './analyze.ts'
export type { AnalyzeInput, Analyzer, Check, Judgement } from './analyzers/analyzer.ts'
export { readBundle, writeBundle } from './bundle.ts'
export { checks } from './checks.ts'
export { type Io, main } from './cli.ts'
export { type CollectOptions, collect, collectors } from './collect.ts'
export type { CollectContext, Collector } from './collectors/collector.ts'
export { type ErrorCode, errorCodes, PreflightError } from './errors.ts'
export type { Fact, Failure, Plugin } from './facts/fact.ts'
export type { CheckKind, Collection, ConfigSchema, FactKind, Facts } from './facts.ts'
export type { CodeDoc, Finding, NotChecked, Report, Result, Status } from './outcome.ts'
export { policyOfFlags } from './policy/flag-policy.ts'
export type { ImagePolicy, NotationPolicy, SigstorePolicy } from './policy/image-policy.ts'
export type { GivenTrustedRoot, SignaturePolicy, TrustedKey } from './policy/policy.ts'
export { type PolicyFile, parsePolicyFile } from './policy/policy-file.ts'
export { identityOfFlags, type TrustFlags } from './policy/trust-flags.ts'
export { exitCodeOf, reporters } from './report.ts'
export type { ReportFormat } from './reporters/formats.ts'
export type { NotationTrust } from './trust/notation.ts'
export { type Trust, trustOf } from './trust/trust.ts'
export { version } from './version.ts'
export type { Credential, ImageAccess, RegistryClient, World } from './world/world.ts'
