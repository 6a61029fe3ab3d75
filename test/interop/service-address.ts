import { connect, createServer } from 'node:net'
import { succeed } from './peers.ts'

const address = '10.96.0.1'

/**
 * Takes pods of the host's network to the API server under the address of its service: there is no kube-proxy here that would. The
 * address lies on the loopback device, until `close`. Only root can, and one at a time.
 */
export const serveServiceAddress = async (kubeconfigPort: number): Promise<{ close(): Promise<void> }> => {
  await succeed('ip', ['addr', 'replace', `${address}/32`, 'dev', 'lo'])
  const server = createServer(socket => {
    const target = connect(kubeconfigPort, '127.0.0.1')
    for (const [from, to] of [
      [socket, target],
      [target, socket],
    ] as const) {
      from.pipe(to)
      from.on('error', () => to.destroy())
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(443, address, resolve)
  })
  return {
    async close() {
      await new Promise(resolve => {
        server.close(resolve)
        setTimeout(resolve, 1000).unref()
      })
      await succeed('ip', ['addr', 'del', `${address}/32`, 'dev', 'lo'])
    },
  }
}
