/** A Secret manifest, with its values decoded. The values are never put into a fact or a message. */
export interface PullSecret {
  /** Absent: the manifest does not say, and is applied to whatever namespace is current. */
  readonly namespace?: string
  readonly name: string
  /** `Opaque` when the manifest does not say (Kubernetes 1.34 pkg/apis/core/v1/defaults.go). */
  readonly type: string
  /** Decoded text by key: `stringData` over `data`. */
  readonly data: Readonly<Record<string, string>>
  /** `file:line`, for messages. */
  readonly from: string
  /** Why the API server would refuse the manifest, or what of it could not be read; empty when all is well. */
  readonly problems: readonly SecretProblem[]
}

export interface SecretProblem {
  /** The key of `data` or `stringData` that it concerns. */
  readonly key?: string
  readonly message: string
}
