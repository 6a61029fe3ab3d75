import type { AgentOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { KubeConfig } from '@kubernetes/client-node'
import type { buildConnector, Dispatcher } from 'undici'
import { loadUndici } from './undici.ts'

/** Of undici's own. */
const maxConnectMs = 10_000

export interface ClusterRoute {
  readonly dispatcher: Dispatcher
  /** Ends what is still connecting too. */
  close(): Promise<void>
}

/** Connections as a kubeconfig wants them: direct, or through a proxy. @param tls what the library made of its certificates */
export const openRoute = async (config: KubeConfig, tls: AgentOptions, timeoutMs: number): Promise<ClusterRoute> => {
  const { Agent, buildConnector: connectorOf, ProxyAgent } = await loadUndici()
  const route = config.createDispatcherOptions(config.getCurrentCluster(), tls)
  const limited = (options: object) => ({ ...options, timeout: Math.min(timeoutMs, maxConnectMs) }) as buildConnector.BuildOptions
  if (route.type === 'socks') return viaLibrary(config)
  if (route.type === 'proxy') {
    const dispatcher = new ProxyAgent({ uri: route.uri, requestTls: limited(route.requestTls), connect: limited(route.connect) })
    return { dispatcher, close: () => dispatcher.destroy() }
  }
  const connector = connectorOf(limited(route.type === 'agent' ? route.connect : {}))
  const sockets = new Set<Socket>()
  const connect: buildConnector.connector = (options, callback) => {
    const socket = connector(options, callback) as unknown as Socket
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  }
  const dispatcher = new Agent({ connect })
  return {
    dispatcher,
    async close() {
      for (const socket of sockets) socket.destroy()
      await dispatcher.destroy()
    },
  }
}

/** What only the library can. */
const viaLibrary = async (config: KubeConfig): Promise<ClusterRoute> => {
  const { RequestContext } = await import('@kubernetes/client-node')
  const request = new RequestContext('https://kubernetes', 'GET')
  await config.applySecurityAuthentication(request)
  const dispatcher = request.getDispatcher()
  if (dispatcher === undefined) throw new TypeError('the proxy of the kubeconfig came to nothing')
  return { dispatcher, close: () => dispatcher.destroy() }
}
