import { expect } from 'chai'
import { createMeasure } from '../src/measure.ts'
import { metricsText } from '../src/metrics.ts'
import type { Report } from '../src/outcome.ts'
import { parseExposition } from './support/exposition.ts'
import { findingOf, fullReport, hostile, resultOf } from './support/reports.ts'

const now = new Date('2026-11-27T10:00:00.500Z')
const prefix = 'velero_plugin_preflight_'
const read = (report: Report, more: Partial<Parameters<typeof metricsText>[0]> = {}) =>
  parseExposition(metricsText({ report, exitCode: 3, now, ...more })).map(({ name, labels, value }) => ({
    name: name.slice(prefix.length),
    labels,
    value,
  }))

describe('metrics', () => {
  it('say when the last run ended, how, and by which version', () => {
    const samples = read(fullReport)
    expect(samples.find(({ name }) => name === 'last_run_timestamp_seconds')?.value).to.equal(now.getTime() / 1000)
    expect(samples.find(({ name }) => name === 'last_run_exit_code')?.value).to.equal(3)
    expect(Object.keys(samples.find(({ name }) => name === 'build_info')!.labels)).to.deep.equal(['version'])
  })

  it('count results by check and status, and those of each plugin, with zeros', () => {
    const samples = read(fullReport)
    const of = (name: string, key: string, value: string) =>
      Object.fromEntries(
        samples.filter(one => one.name === name && one.labels[key] === value).map(({ labels, value }) => [labels.status, value]),
      )
    expect(of('results', 'check', 'image')).to.deep.equal({ pass: 0, warn: 0, accepted: 1, fail: 1, not_checked: 0 })
    expect(of('results', 'check', 'binaries')).to.deep.equal({ pass: 0, warn: 0, accepted: 0, fail: 0, not_checked: 1 })
    expect(of('plugin_results', 'plugin', 'a')).to.deep.equal({ pass: 0, warn: 1, accepted: 0, fail: 1, not_checked: 1 })
    expect(samples.find(({ name }) => name === 'plugins')?.value).to.equal(2)
  })

  it('name the error of a run that could not go on', () => {
    const error = { code: 'TIMED_OUT', message: 'm' }
    expect(read({ results: [], notChecked: [], error }).find(({ name }) => name === 'last_run_error')).to.deep.include({
      labels: { code: 'TIMED_OUT' },
      value: 1,
    })
    expect(read(fullReport).some(({ name }) => name === 'last_run_error')).to.equal(false)
  })

  it('have what was measured: durations, requests, bytes, cache', () => {
    let nowMs = 1000
    const measure = createMeasure(() => nowMs)
    measure.progress({ check: 'image', state: 'began' })
    nowMs = 1500
    measure.progress({ check: 'image', state: 'at', text: 'x' })
    measure.progress({ check: 'image', state: 'ended' })
    for (const outcome of ['200', '200', 'REGISTRY_TIMEOUT']) measure.meter({ kind: 'request', to: 'registry', method: 'GET', outcome })
    for (const bytes of [10, 5]) measure.meter({ kind: 'received', to: 'registry', bytes })
    for (const result of ['hit', 'miss', 'hit'] as const) measure.meter({ kind: 'cache', result })
    nowMs = 3000
    const measured = read(fullReport, { measured: measure.read() }).slice(-7)
    expect(measured.map(({ name, labels, value }) => [name, ...Object.values(labels), value])).to.deep.equal([
      ['last_run_duration_seconds', 2],
      ['collect_duration_seconds', 'image', 0.5],
      ['http_requests', 'registry', 'GET', '200', 2],
      ['http_requests', 'registry', 'GET', 'REGISTRY_TIMEOUT', 1],
      ['http_received_bytes', 'registry', 15],
      ['layer_cache_lookups', 'hit', 2],
      ['layer_cache_lookups', 'miss', 1],
    ])
  })

  it('are in the format whatever a name holds', () => {
    const name = `${hostile} \\ " \n x`
    const samples = read({ results: [resultOf(name, name, findingOf('fail', 'x'))], notChecked: [], error: { code: name, message: 'm' } })
    expect(samples.find(one => one.name === 'plugin_results')?.labels.plugin).to.match(/^<script>alert\(1\)/)
  })

  it('have one series for names that look alike', () => {
    const results = ['a\u0007', 'a\\u0007'].map(name => resultOf(name, 'image', findingOf('fail', 'x')))
    const samples = read({ results, notChecked: [] })
    expect(samples.find(({ name, labels }) => name === 'plugin_results' && labels.status === 'fail')?.value).to.equal(2)
  })

  it('keep names that are alike at their beginning apart', () => {
    const long = (end: string) => resultOf(`${'p'.repeat(300)}${end}`, 'image', findingOf('fail', 'x'))
    expect(() => read({ results: [long('1'), long('2')], notChecked: [] })).to.not.throw()
  })

  it('have series of no more plugins than a collector should be given; the totals have all', () => {
    const results = Array.from({ length: 300 }, (_, at) => resultOf(`p${at}`, 'image', findingOf('fail', 'x')))
    const samples = read({ results, notChecked: [] })
    expect(new Set(samples.flatMap(({ labels }) => labels.plugin ?? [])).size).to.equal(200)
    expect(samples.find(({ name, labels }) => name === 'results' && labels.status === 'fail')?.value).to.equal(300)
  })
})
