import { type DelayProxy, startDelayProxy } from './delay-proxy.ts'

const proxy: DelayProxy = await startDelayProxy({ port: Number(process.argv[2]), delayMs: Number(process.argv[3]) })
process.on('message', () => process.send?.({ port: proxy.port, ...proxy.traffic() }))
process.on('disconnect', () => process.exit())
