import { expect } from 'chai'
import type { Report, Result, Status } from '../../src/outcome.ts'
import { reportFormats } from '../../src/reporters/formats.ts'
import { maxPlugins, recordPath, recordsOf, recordText, runDocument, runRecord } from '../../src/reporters/records.ts'
import { troubleshoot } from '../../src/reporters/troubleshoot.ts'

const result = (plugin: string | undefined, status: Status, more: Partial<Result> = {}): Result => ({
  title: 't',
  message: `${plugin}: said`,
  check: 'image',
  code: 'C',
  status,
  findings: [],
  ...(plugin === undefined ? {} : { plugin }),
  ...more,
})
const report = (...results: Result[]): Report => ({ results, notChecked: [] })
const context = { version: '1', subject: '', platforms: [], images: {}, width: 80, colour: false, verbose: false }

describe('records for troubleshoot', () => {
  it('are four lines each, in the order of the report', () => {
    const records = recordsOf(report(result(undefined, 'pass', { check: 'config', message: 'fine' }), result('a', 'fail')))
    expect(records.map(recordText)).to.deep.equal([
      'plugin=\ncheck=config\nstatus=pass\nmessage=fine\n',
      'plugin=a\ncheck=image\nstatus=fail\nmessage=a: said\n',
    ])
    expect(records.map(recordPath)).to.deep.equal(['checks/000-config/config.txt', 'checks/001-a/image.txt'])
  })

  // The name, as a Config may have it, and the file that is written.
  const names: readonly [name: string, folder: string][] = [
    ['velero.plugin.v1', '001-velero-plugin-v1'],
    ['../../etc/x', '001-etc-x'],
    ['x-stdout.txt', '001-x-stdout-txt'],
    ['Ärger', '001-rger'],
    ['…', '001-plugin'],
    ['a'.repeat(300), `001-${'a'.repeat(60)}`],
    ['a\nstatus=pass', '001-a-status-pass'],
  ]
  for (const [name, folder] of names)
    it(`are in a folder that is one: ${JSON.stringify(name.slice(0, 30))}`, () => {
      const [record] = recordsOf(report(result(name, 'fail')))
      expect(recordPath(record!)).to.equal(`checks/${folder}/image.txt`)
      expect(recordText(record!).split('\n')).to.have.length(5)
    })

  // What troubleshoot's redaction would take for a setting or a login.
  const messages: readonly [message: string, written: string][] = [
    ['a\nstatus=pass\r\n b', 'a status=pass b'],
    ['server = x; then', 'server = x, then'],
    ['https://u:p@host/x', 'u:p@host/x'],
    ['see https://reg:5000/acme/x@sha256:00 there', 'see reg:5000/acme/x@sha256:00 there'],
  ]
  for (const [message, written] of messages)
    it(`have nothing that ends or masks a line: ${JSON.stringify(message)}`, () => {
      expect(recordsOf(report(result('a', 'fail', { message })))[0]!.message).to.equal(written)
    })

  it('have the worse of two results of a check', () => {
    const records = recordsOf(report(result('a', 'pass'), result('a', 'fail', { message: 'bad' }), result('b', 'pass')))
    expect(records.map(({ plugin, status, message }) => [plugin, status, message])).to.deep.equal([
      ['a', 'fail', 'bad'],
      ['b', 'pass', 'b: said'],
    ])
  })

  it('take an accepted warn for a pass that says so', () => {
    expect(recordsOf(report(result('a', 'warn', { accepted: true })))[0]).to.include({ status: 'pass', message: '(accepted) a: said' })
  })

  it('say that a run came to its end only when it did', () => {
    const ended = report(result('a', 'fail'))
    expect(JSON.parse(runDocument(runRecord(ended)))).to.deep.include({ completed: true })
    const stopped = { ...ended, error: { code: 'TIMED_OUT', message: 'It took too long.', hint: 'Wait.' } }
    expect(JSON.parse(runDocument(runRecord(stopped)))).to.deep.equal({
      completed: false,
      message: 'The checks of the Velero plugins did not come to their end: It took too long. Wait.',
    })
  })
})

describe('the format troubleshoot', () => {
  it('is one that --format takes', () => {
    expect(reportFormats).to.include('troubleshoot')
  })

  it('numbers results, and ends with the run', () => {
    expect(troubleshoot(report(result('a', 'fail')), context)).to.equal(
      [
        'result=001 image\nplugin=a\ncheck=image\nstatus=fail\nmessage=a: said\n',
        'result=run run\nplugin=\ncheck=run\nstatus=pass\nmessage=The checks of the Velero plugins came to their end: 0 passed, 0 warned, 1 failed.\n\n',
      ].join('\n'),
    )
  })

  it('puts together what is said of plugins beyond those that a spec asks for, the worst of it', () => {
    const many = Array.from({ length: maxPlugins + 3 }, (_, index) => result(`p${index + 1}`, index === maxPlugins ? 'pass' : 'fail'))
    const text = troubleshoot(report(...many), context)
    expect(text).to.contain(`result=0${maxPlugins} image\nplugin=p20\n`)
    expect(text).to.contain(`result=0${maxPlugins + 1} image\nplugin=\ncheck=image\nstatus=fail\nmessage=p22: said p23: said\n`)
    expect(text).to.not.contain('plugin=p21')
  })

  it('names the node that it ran on', () => {
    expect(troubleshoot(report(result('a', 'pass')), { ...context, node: 'node-1' })).to.contain(
      'message=a: said (Seen on the node node-1.)',
    )
  })
})
