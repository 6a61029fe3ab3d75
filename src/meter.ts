/** What a run costs, told where it happens. */
export type MeterEvent =
  /** A request was answered, or failed: `outcome` is the status, or the code of the error. */
  | { readonly kind: 'request'; readonly to: Asked; readonly method: string; readonly outcome: string }
  /** A piece of a body came. */
  | { readonly kind: 'received'; readonly to: Asked; readonly bytes: number }
  /** A layer was looked for among those that earlier runs read. */
  | { readonly kind: 'cache'; readonly result: 'hit' | 'miss' | 'damaged' }

export type Asked = 'registry' | 'cluster'

export type Meter = (event: MeterEvent) => void
