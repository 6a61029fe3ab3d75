/** What one server takes from those who call it. */
export interface ServerLimits {
  readonly bodyBytes: number
  /** Of all bodies at once: the next one gets "busy", and an API server asks again. */
  readonly heldBytes: number
  readonly connections: number
  /** For the handshake, for the headers, and for a whole request to come. */
  readonly requestMs: number
  /** Of a connection on which nothing moves while a request is answered. */
  readonly stalledMs: number
  /** Of a connection between two requests; an API server closes its own after 90 s, and whoever closes first must not be this one. */
  readonly idleMs: number
  /** From the end of listening until what is still open is cut off. */
  readonly drainMs: number
}

export const serverLimits: ServerLimits = {
  bodyBytes: 32 << 20,
  heldBytes: 96 << 20,
  connections: 1000,
  requestMs: 15_000,
  stalledMs: 30_000,
  idleMs: 120_000,
  drainMs: 20_000,
}
