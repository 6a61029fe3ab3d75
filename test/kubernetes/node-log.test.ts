import { expect } from 'chai'
import { type NodeLog, nodeLogLine, readNodeLog } from '../../src/kubernetes/node-log.ts'

const log: NodeLog = {
  version: '1.0.0',
  platform: 'linux/arm64',
  results: [{ check: 'image', plugin: 'x', status: 'fail', code: 'IMAGE_TLS', message: 'x: a\nb' }],
  notChecked: [{ check: 'pullSecret', plugin: 'x', why: 'see image' }],
}

describe("a node's log", () => {
  it('is read as it was written, whatever stands around it', () => {
    expect(nodeLogLine(log).split('\n')).to.have.length(2)
    expect(readNodeLog(`debug: GET\n${nodeLogLine(log)}later\n`)).to.deep.equal(log)
  })

  it('is that of the last line, when a container was started again', () => {
    expect(readNodeLog(nodeLogLine({ ...log, version: '0' }) + nodeLogLine(log))?.version).to.equal('1.0.0')
  })

  it('is not there before its line is whole', () => {
    for (const text of [
      '',
      'starting\n',
      nodeLogLine(log).slice(0, -1),
      nodeLogLine(log).slice(0, 40),
      '{"schema":"velero-plugin-preflight/node/v1"\n',
    ])
      expect(readNodeLog(text), text).to.equal(undefined)
  })

  it('keeps why the run did not come to its end', () => {
    const error = { code: 'TIMED_OUT', message: 'too late' }
    expect(readNodeLog(nodeLogLine({ ...log, error }))?.error).to.deep.equal(error)
  })

  it('takes no result that lacks a word, so that it is missed', () => {
    const broken = { ...log, results: [{ ...log.results[0], status: 'fine' }, 7, { check: 'image' }] } as unknown as NodeLog
    expect(readNodeLog(nodeLogLine(broken))?.results).to.deep.equal([])
  })
})
