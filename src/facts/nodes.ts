import type { Fact } from './fact.ts'

/** What one check of one plugin came to on a node. */
export interface NodeResult {
  readonly check: string
  readonly status: 'pass' | 'warn' | 'fail'
  readonly code: string
  readonly message: string
  /** Absent: of the whole. */
  readonly plugin?: string
}

/** What a node's own pod found out (`--nodes`); failed: nobody knows what that node would. */
export type NodesFact = { readonly node: string } & Fact<{
  /** Of the program in the pod. */
  readonly version: string
  /** `linux/amd64`, its own. */
  readonly platform: string
  readonly results: readonly NodeResult[]
  /** Checks that were not made there, and why. */
  readonly notChecked: readonly { readonly check: string; readonly plugin?: string; readonly why: string }[]
}>
