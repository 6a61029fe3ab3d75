import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { expect } from 'chai'
import { type DelayProxy, startDelayProxy } from './delay-proxy.ts'

const delayMs = 40

describe('delaying proxy', () => {
  let server: Server
  let proxy: DelayProxy
  let far: (socket: Socket) => void
  const open: Socket[] = []

  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true }, socket => {
      open.push(socket)
      far(socket)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    proxy = await startDelayProxy({ port: (server.address() as AddressInfo).port, delayMs })
  })
  afterEach(async () => {
    for (const socket of open.splice(0)) socket.destroy()
    await proxy.close()
    await new Promise(resolve => server.close(resolve))
  })

  const client = (): Socket => {
    const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
    open.push(socket)
    return socket
  }
  const answer = async (socket: Socket, question: string): Promise<{ text: string; tookMs: number }> => {
    const beganMs = performance.now()
    socket.write(question)
    const text = await new Promise<string>(resolve => socket.once('data', data => resolve(data.toString())))
    return { text, tookMs: performance.now() - beganMs }
  }

  const toEnd = (socket: Socket): Promise<string> =>
    new Promise((resolve, reject) => {
      let got = ''
      socket.on('data', data => {
        got += data
      })
      socket.once('end', () => resolve(got)).once('error', reject)
    })

  it('takes two round trips for the first question, as with the handshake, and one for the next', async () => {
    far = socket => socket.on('data', data => socket.write(data))
    const socket = client()
    const first = await answer(socket, 'one')
    const second = await answer(socket, 'two')
    expect([first.text, second.text]).to.deep.equal(['one', 'two'])
    // Never less, however busy the machine is; more is up to the machine.
    expect(first.tookMs).to.be.at.least(4 * delayMs - 2)
    expect(second.tookMs).to.be.at.least(2 * delayMs - 2)
  })

  it('carries much, in order, both ends of it, and counts it', async () => {
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, index) => `${index}\n`).join(''))
    far = socket => {
      let got = ''
      socket.on('data', data => {
        got += data
      })
      socket.on('end', () => socket.end(`${got.length} ${got.slice(-7)}`))
    }
    const socket = client()
    socket.end(sent)
    expect(await toEnd(socket)).to.equal(`${sent.length} 299999\n`)
    expect(proxy.traffic()).to.deep.equal({ connections: 1, upBytes: sent.length, downBytes: `${sent.length} 299999\n`.length })
  })

  it('does not send faster than the receiver takes', async () => {
    const sent = Buffer.alloc(40 << 20, 'x')
    far = socket => socket.end(sent)
    const socket = client()
    let bytes = 0
    for await (const chunk of socket) {
      bytes += (chunk as Buffer).length
      if (bytes < 1 << 20) await new Promise(resolve => setTimeout(resolve, 5))
    }
    expect(bytes).to.equal(sent.length)
  })

  it('ends the connection when the far end is gone', async () => {
    far = socket => socket.destroy()
    const socket = client()
    socket.on('error', () => {})
    await new Promise(resolve => socket.once('close', resolve).resume().end())
  })
})
