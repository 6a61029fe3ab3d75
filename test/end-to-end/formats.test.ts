import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { reportFormats } from '../../src/reporters/formats.ts'
import { command, configText, type Scratch, scratch } from '../support/command.ts'
import { parseExposition } from '../support/exposition.ts'
import { pluginImage } from '../support/image-builder.ts'
import { startRegistry } from '../support/registry.ts'
import { parseXml } from '../support/xml.ts'

/** That a document of the format holds `words`, read as its readers do. */
const holds: Readonly<Record<(typeof reportFormats)[number], (text: string, words: string) => boolean>> = {
  human: (text, words) => text.includes(words),
  json: (text, words) => JSON.stringify(JSON.parse(text).fail).includes(words),
  yaml: (text, words) => text.startsWith('pass:') && text.includes(words),
  junit: (text, words) => JSON.stringify(parseXml(text).children.map(({ children }) => children)).includes(words),
  sarif: (text, words) => JSON.stringify(JSON.parse(text).runs[0].results).includes(words),
  markdown: (text, words) => text.startsWith('## ❌') && text.replaceAll('\\', '').includes(words),
  html: (text, words) => text.startsWith('<!doctype html>') && text.includes(words),
  // It has messages and no codes.
  troubleshoot: text => /^result=run run\n.*status=fail$/ms.test(text),
}

describe('formats and metrics', () => {
  let folder: Scratch
  let config: string
  let argv: readonly string[]
  beforeEach(() => {
    folder = scratch()
    config = folder.file('c.yaml', configText({ name: 'a', image: 'r.example.com/a:latest' }))
    argv = ['run', '--checks', 'config', '--config', config, '--no-bundle', '-q']
  })
  afterEach(() => folder.remove())

  const metrics = (file: string) => {
    const samples = parseExposition(readFileSync(file, 'utf8'))
    const all = samples.map(
      ({ name, labels, value }) => [name.replace('velero_plugin_preflight_', ''), Object.values(labels).join(' '), value] as const,
    )
    return (name: string, labels = '') => all.find(one => one[0] === name && one[1] === labels)?.[2]
  }

  for (const format of reportFormats) {
    it(`writes ${format} with what was found, to a file and to standard output alike`, async () => {
      const file = join(folder.path, 'report')
      const printed = await command([...argv, '--format', format])
      const written = await command([...argv, '--format', format, '-o', file])
      expect([printed.code, written.code, written.out]).to.deep.equal([4, 4, ''])
      const withoutTime = (text: string) => text.replace(/\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z| UTC)/g, '')
      expect(withoutTime(readFileSync(file, 'utf8'))).to.equal(withoutTime(printed.out))
      expect(printed.out.replaceAll('\\', '')).to.contain(/human|troubleshoot/.test(format) ? 'latest' : 'PLUGIN_IMAGE_LATEST')
    })

    for (const [what, more] of [
      ['a Config that is not there', ['--config', 'none.yaml']],
      ['a flag that there is not', ['--no-such-flag']],
    ] as const) {
      it(`has in ${format} why it ended with 2 for ${what}, in the file that was named`, async () => {
        const file = folder.file('report', 'of an earlier run')
        const { code, out, err } = await command([...argv, ...more, '--format', format, '-o', file])
        expect([code, out]).to.deep.equal([2, ''])
        const error = /^Error \((\w+)\)/.exec(err)?.[1] ?? 'none'
        expect(holds[format](readFileSync(file, 'utf8'), error)).to.equal(true)
      })
    }
  }

  it('has the document on standard output where the file cannot be written', async () => {
    const { code, out } = await command([...argv, '--no-such-flag', '--format', 'json', '-o', join(folder.path, 'none', 'r.json')])
    expect(code).to.equal(2)
    expect(holds.json(out, 'USAGE')).to.equal(true)
  })

  it('lets no error replace the bundle that --output of collect names', async () => {
    const file = folder.file('bundle.tar.gz', 'bundle')
    const { code, out } = await command(['collect', '--config', 'none.yaml', '--format', 'json', '-o', file])
    expect(code).to.equal(2)
    expect(readFileSync(file, 'utf8')).to.equal('bundle')
    expect(holds.json(out, 'FILE_NOT_FOUND')).to.equal(true)
  })

  it('says in SARIF where in the Config it stands', async () => {
    const { out } = await command([...argv, '--format', 'sarif'])
    const [result] = JSON.parse(out).runs[0].results
    expect(result.locations[0].physicalLocation.artifactLocation.uri).to.equal(`file://${config}`)
    expect(result.locations[0].physicalLocation.region.startLine).to.be.greaterThan(1)
  })

  it('refuses another format, and says which there are', async () => {
    const { code, err } = await command([...argv, '--format', 'pdf'])
    expect(code).to.equal(2)
    expect(err).to.contain('human, json, yaml, junit, sarif, markdown, html')
  })

  it('writes what analyze says too', async () => {
    const bundle = join(folder.path, 'b.tar.gz')
    await command(['collect', '--checks', 'config', '--config', config, '-o', bundle])
    const { code, out } = await command(['analyze', bundle, '--format', 'junit', '--metrics-file', join(folder.path, 'm.prom')])
    expect(code).to.equal(4)
    expect(holds.junit(out, 'PLUGIN_IMAGE_LATEST')).to.equal(true)
    expect(metrics(join(folder.path, 'm.prom'))('results', 'config warn')).to.equal(1)
  })

  for (const format of ['junit', 'sarif', 'markdown', 'html'] as const) {
    it(`writes what verify says as ${format}`, async () => {
      const file = join(folder.path, 'v')
      const { code, out } = await command([
        'verify',
        'bad reference',
        '--format',
        format,
        '-o',
        file,
        '--metrics-file',
        join(folder.path, 'm.prom'),
        '-q',
      ])
      expect([code, out]).to.deep.equal([3, ''])
      expect(holds[format](readFileSync(file, 'utf8'), 'SIGNATURE_UNREACHABLE')).to.equal(true)
      expect(metrics(join(folder.path, 'm.prom'))('results', 'signature fail')).to.equal(1)
    })
  }

  it('writes metrics of a run beside the report, whole and for all to read', async () => {
    const file = folder.file('run.prom', 'of an earlier run')
    chmodSync(file, 0o600)
    expect((await command([...argv, '--metrics-file', file])).code).to.equal(4)
    const value = metrics(file)
    expect(value('last_run_exit_code')).to.equal(4)
    expect(value('results', 'config warn')).to.equal(1)
    expect(value('collect_duration_seconds', 'config')).to.be.greaterThan(0)
    expect(value('last_run_timestamp_seconds')).to.be.closeTo(Date.now() / 1000, 60)
    expect(statSync(file).mode & 0o777).to.equal(0o644)
    expect(readdirSync(folder.path).sort()).to.deep.equal(['c.yaml', 'run.prom'])
  })

  it('counts requests, bytes and what the cache had', async () => {
    const registry = await startRegistry()
    try {
      registry.push('a', 'v1', pluginImage({ name: 'velero-a' }))
      const given = folder.file('d.yaml', configText({ name: 'a', image: `${registry.host}/a:v1` }))
      const run = async () => {
        const file = join(folder.path, 'm.prom')
        await command([
          'run',
          '--checks',
          'binaries',
          '--config',
          given,
          '--no-bundle',
          '-q',
          '--cache-dir',
          join(folder.path, 'cache'),
          '--metrics-file',
          file,
          '--prove',
        ])
        return metrics(file)
      }
      const [first, second] = [await run(), await run()]
      expect(first('layer_cache_lookups', 'miss')).to.be.greaterThan(0)
      expect(second('layer_cache_lookups', 'hit')).to.equal(first('layer_cache_lookups', 'miss'))
      expect(first('http_requests', 'registry GET 200')).to.be.greaterThan(1)
      expect(second('http_received_bytes', 'registry')).to.be.lessThan(first('http_received_bytes', 'registry')!)
    } finally {
      await registry.close()
    }
  })

  for (const [what, more, exit, error] of [
    ['with 2 for a file', ['--config', 'none.yaml'], 2, 'FILE_NOT_FOUND'],
    ['with 2 for a flag', ['--no-such-flag'], 2, 'USAGE'],
    ['with 1 in the middle', ['--config', '-', '--timeout', '1ms'], 1, 'TIMED_OUT'],
  ] as const) {
    it(`writes metrics of a run that ends ${what}`, async () => {
      const file = folder.file('m.prom', 'of an earlier run')
      const { code } = await command([...argv, '--metrics-file', file, ...more], { silent: true })
      expect(code).to.equal(exit)
      expect([metrics(file)('last_run_exit_code'), metrics(file)('last_run_error', error)]).to.deep.equal([exit, 1])
    })
  }

  it('fails where the metrics cannot be written, in the report too', async () => {
    const { code, out } = await command([...argv, '--format', 'json', '--metrics-file', join(folder.path, 'none', 'm.prom')])
    expect(code).to.equal(1)
    expect(holds.json(out, 'OUTPUT_UNWRITABLE')).to.equal(true)
    expect(existsSync(join(folder.path, 'none'))).to.equal(false)
  })

  it('leaves no draft where the metrics cannot replace what is there', async () => {
    mkdirSync(join(folder.path, 'm.prom'))
    expect((await command([...argv, '--metrics-file', join(folder.path, 'm.prom')])).code).to.equal(1)
    expect(readdirSync(folder.path).sort()).to.deep.equal(['c.yaml', 'm.prom'])
  })

  it('has in its metrics that the report could not be written', async () => {
    const file = join(folder.path, 'm.prom')
    expect((await command([...argv, '-o', join(folder.path, 'none', 'r'), '--metrics-file', file])).code).to.equal(1)
    expect(metrics(file)('last_run_exit_code')).to.equal(1)
  })

  it('refuses metrics on standard output', async () => expect((await command([...argv, '--metrics-file', '-'])).code).to.equal(2))
})
