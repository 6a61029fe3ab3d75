import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface DelayProxyOptions {
  /** Port on 127.0.0.1 of what stands at the far end. */
  readonly port: number
  /** One way. */
  readonly delayMs: number
}

export interface Traffic {
  readonly connections: number
  readonly upBytes: number
  readonly downBytes: number
}

export interface DelayProxy {
  readonly port: number
  traffic(): Traffic
  close(): Promise<void>
}

/** Of one direction of one connection: what is on its way is not more than a fast long link holds (2.5 Gbit/s at 50 ms). */
const maxUnderWayBytes = 16 << 20

/**
 * A long link to 127.0.0.1: every byte arrives `delayMs` later than it was sent.
 *
 * The handshake of TCP is done by the kernel at once, while over a real link nothing can be sent before it has gone there and
 * back. So what a client sends first is held back for that long on top.
 */
export const startDelayProxy = async ({ port, delayMs }: DelayProxyOptions): Promise<DelayProxy> => {
  const sockets = new Set<Socket>()
  let connections = 0
  let upBytes = 0
  let downBytes = 0
  const server = createServer({ allowHalfOpen: true, noDelay: true }, near => {
    connections++
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {
        near.destroy()
        far.destroy()
      })
      socket.once('close', () => sockets.delete(socket))
    }
    const establishedMs = performance.now() + 2 * delayMs
    carry(near, far, delayMs, establishedMs, bytes => {
      upBytes += bytes
    })
    carry(far, near, delayMs, 0, bytes => {
      downBytes += bytes
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    traffic: () => ({ connections, upBytes, downBytes }),
    close: () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

interface UnderWay {
  readonly atMs: number
  /** Undefined: the sender has ended. */
  readonly chunk: Buffer | undefined
}

/** Carries one direction, in order, each piece at its time; what comes before `notBeforeMs` counts as sent then. */
const carry = (from: Socket, to: Socket, delayMs: number, notBeforeMs: number, count: (bytes: number) => void): void => {
  const queue: UnderWay[] = []
  let underWayBytes = 0
  let timer: NodeJS.Timeout | undefined
  const deliver = (): void => {
    timer = undefined
    let open = true
    while (queue.length > 0 && open && queue[0]!.atMs <= performance.now()) {
      const { chunk } = queue.shift()!
      if (chunk === undefined) to.end()
      else {
        underWayBytes -= chunk.length
        open = to.write(chunk)
      }
    }
    if (from.isPaused() && underWayBytes < maxUnderWayBytes / 2) from.resume()
    if (!open) to.once('drain', deliver)
    else if (queue.length > 0) timer = setTimeout(deliver, Math.max(1, Math.ceil(queue[0]!.atMs - performance.now())))
  }
  const send = (chunk: Buffer | undefined): void => {
    queue.push({ atMs: Math.max(performance.now(), notBeforeMs) + delayMs, chunk })
    if (timer === undefined && queue.length === 1 && to.listenerCount('drain') === 0) deliver()
  }
  from.on('data', (chunk: Buffer) => {
    count(chunk.length)
    underWayBytes += chunk.length
    send(chunk)
    if (underWayBytes > maxUnderWayBytes) from.pause()
  })
  from.on('end', () => send(undefined))
  to.once('close', () => clearTimeout(timer))
}
