import { expect } from 'chai'
import type { AnalyzeInput, Judgement } from '../../src/analyzers/analyzer.ts'
import { nodes } from '../../src/analyzers/nodes.ts'
import type { NodeResult, NodesFact } from '../../src/facts/nodes.ts'

const plugin = { plugin: 'velero-x', image: 'registry.example.com/x:v1' }
const passed: readonly NodeResult[] = ['image', 'pullSecret'].map(check => ({
  check,
  plugin: 'velero-x',
  status: 'pass',
  code: 'OK',
  message: 'velero-x: fine',
}))
const failed: NodeResult = { check: 'image', plugin: 'velero-x', status: 'fail', code: 'IMAGE_TLS', message: 'velero-x: nobody trusts it.' }
const told = (node: string, ...results: readonly NodeResult[]): NodesFact => ({
  node,
  ok: true,
  version: '1',
  platform: 'linux/amd64',
  results: results.length > 0 ? results : passed,
  notChecked: [],
})
const silent: NodesFact = { node: 'c', ok: false, code: 'NODE_UNREAD', message: 'The pod does not start.' }

const judge = (...facts: readonly NodesFact[]): readonly Judgement[] =>
  nodes.analyze({ plugins: [plugin], platforms: [], schema: 'auto', at: new Date(0), read: () => facts } as unknown as AnalyzeInput)
const codes = (judgements: readonly Judgement[]) =>
  judgements.map(({ plugin = '', findings }) => [plugin, ...findings.map(({ code }) => code)])

describe('the check nodes', () => {
  it('passes where every node can pull, and names them', () => {
    const judged = judge(told('a'), told('b'))
    expect(codes(judged)).to.deep.equal([
      ['', 'NODES_TOLD'],
      ['velero-x', 'NODES_OK'],
    ])
    expect(judged[1]?.findings[0]?.message).to.equal('velero-x: the nodes a, b can pull registry.example.com/x:v1.')
  })

  it('fails where one node cannot, and says which, with its own message', () => {
    const judged = judge(told('a'), told('b', failed))
    expect(codes(judged)[1]).to.deep.equal(['velero-x', 'NODES_FAILED'])
    expect(judged[1]?.findings[0]?.message).to.equal('velero-x: on the node b: nobody trusts it.')
    expect(judged[1]?.values).to.include({ nodes: 2, failed: 1 })
  })

  it('says once what several nodes say', () => {
    expect(judge(told('a', failed), told('b', failed))[1]?.findings.map(({ message }) => message)).to.deep.equal([
      'velero-x: on the nodes a, b: nobody trusts it.',
    ])
  })

  it('keeps a warning beside what passes', () => {
    const warned: NodeResult = { ...failed, status: 'warn', code: 'IMAGE_TAG_MOVED' }
    expect(codes(judge(told('a', warned, passed[1]!)))[1]).to.deep.equal(['velero-x', 'NODES_WARNED', 'NODES_OK'])
  })

  it('fails for a node that told nothing, and passes nothing in its place', () => {
    expect(codes(judge(told('a'), silent))).to.deep.equal([
      ['', 'NODE_SILENT', 'NODES_TOLD'],
      ['velero-x', 'NODES_OK'],
    ])
    expect(codes(judge(silent))).to.deep.equal([['', 'NODE_SILENT']])
  })

  it('fails where a node says nothing of a plugin, or could not make a check', () => {
    expect(codes(judge(told('a', { ...passed[0]!, plugin: 'other' })))[1]).to.deep.equal([
      'velero-x',
      'NODE_RESULT_MISSING',
      'NODE_RESULT_MISSING',
    ])
    const notMade = { ...told('a', passed[0]!), notChecked: [{ check: 'pullSecret', plugin: 'velero-x', why: 'no time' }] } as NodesFact
    expect(judge(notMade)[1]?.findings.map(({ message }) => message)).to.deep.equal([
      'velero-x: on the node a: the check pullSecret was not made: no time',
    ])
  })

  it('fails where no node was asked', () => {
    expect(() => judge()).to.throw('No node was asked')
  })
})
