import { stripVTControlCharacters } from 'node:util'
import { expect } from 'chai'
import type { Finding, Report, Result } from '../../src/outcome.ts'
import { human } from '../../src/reporters/human.ts'
import { wrap } from '../../src/reporters/wrap.ts'

const context = {
  version: '1.2.3',
  subject: 'config.yaml',
  platforms: ['linux/amd64'],
  images: { a: 'r.example/a:v1' },
  width: 60,
  colour: false,
  verbose: false,
}
const finding = (status: Finding['status'], message: string, evidence: readonly string[] = []): Finding => ({
  status,
  code: 'CODE',
  message,
  evidence,
})
const result = (plugin: string | undefined, check: string, ...findings: Finding[]): Result => {
  const { status, code, message } = findings[0]!
  return { title: check, message, check, code, status, findings, ...(plugin === undefined ? {} : { plugin }) }
}
const report = (results: readonly Result[], rest: Partial<Report> = {}): Report => ({ results, notChecked: [], ...rest })

describe('human report', () => {
  it('has a block for the Config and one for each plugin with its image', () => {
    const text = human(
      report([result(undefined, 'config', finding('pass', 'All is well.')), result('a', 'image', finding('pass', 'a resolves.'))]),
      context,
    )
    expect(text).to.equal(
      [
        'velero-plugin-preflight 1.2.3: config.yaml (linux/amd64)',
        '',
        'Config',
        '  PASS  config      All is well.',
        '',
        'a  r.example/a:v1',
        '  PASS  image       a resolves.',
        '',
        '2 passed, 0 warned, 0 failed',
        '',
      ].join('\n'),
    )
  })

  it('keeps the name of a check apart from what is said, however long it is', () => {
    expect(human(report([result('a', 'vulnerability', finding('pass', 'a: none.'))]), context)).to.include('  PASS  vulnerability none.')
  })

  it('lets no name, image or text drive the terminal or forge a line', () => {
    const name = 'a\nPASS b\u001b[2J'
    const text = human(
      report([result(name, 'image', finding('fail', 'a\\u000aPASS b\\u001b[2J: gone \u001b[31m\u202e', ['seen \u0007']))]),
      {
        ...context,
        subject: 'c\u001b.yaml',
        images: { [name]: 'r.example/\u0000\n:v1' },
      },
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may be there
    expect(text).to.not.match(/[\u0000-\u0009\u000b-\u001f\u202e]/)
    expect(text).to.not.match(/^PASS/m)
    expect(text).to.contain('  FAIL  image       gone \\u001b[31m\\u202e\n')
  })

  it('puts evidence under its finding, and further findings that are no pass after it', () => {
    const text = human(
      report([
        result('a', 'image', finding('fail', 'Worst.', ['seen x']), finding('warn', 'Other.', ['seen y']), finding('pass', 'Fine.')),
      ]),
      context,
    )
    expect(text).to.contain(
      '  FAIL  image       Worst.\n                    - seen x\n                    WARN: Other.\n                    - seen y\n',
    )
    expect(text).to.not.contain('Fine.')
  })

  it('has the evidence of passes when asked', () => {
    const one = report([result('a', 'image', finding('pass', 'Fine.', ['seen x']), finding('pass', 'Fine too.'))])
    expect(human(one, context)).to.not.contain('seen x')
    expect(human(one, { ...context, verbose: true })).to.contain('- seen x\n                    PASS: Fine too.')
  })

  it('says what was not checked, and counts it', () => {
    const text = human(report([], { notChecked: [{ check: 'binaries', plugin: 'a', why: 'No image.' }] }), context)
    expect(text).to.contain('  --    binaries    not checked: No image.')
    expect(text).to.contain('0 passed, 0 warned, 0 failed, 1 not checked')
  })

  it('does not repeat the plugin under its own head', () => {
    const text = human(report([result('a', 'image', finding('fail', 'a: worst.'), finding('warn', 'a: other.'))]), context)
    expect(text).to.contain('  FAIL  image       worst.\n                    WARN: other.\n')
  })

  it('ends with where the fails are', () => {
    const one = [
      result('a', 'image', finding('fail', 'x')),
      result('a', 'binaries', finding('fail', 'x')),
      result(undefined, 'config', finding('fail', 'x')),
    ]
    expect(human(report(one), context)).to.match(/3 failed:\n {2}a: image, binaries\n {2}Config: config\n$/)
  })

  it('marks an accepted warn and counts it apart', () => {
    const text = human(report([{ ...result('a', 'image', finding('warn', 'Known.')), accepted: true }]), context)
    expect(text).to.contain('  WARN  image       (accepted) Known.')
    expect(text).to.contain('1 warned (1 accepted)')
  })

  it('says why a run ended early, after what was found until then', () => {
    const text = human(report([], { error: { code: 'TIMED_OUT', message: 'Too slow.', hint: 'Give it longer.' } }), context)
    expect(text).to.contain('Ended early (TIMED_OUT): Too slow. Give it longer.')
  })

  it('has the same text with colour as without', () => {
    const one = report([result('a', 'image', finding('fail', 'Worst.', ['seen x']))])
    const coloured = human(one, { ...context, colour: true })
    expect(coloured).to.contain('\u001b[')
    expect(stripVTControlCharacters(coloured)).to.equal(human(one, context))
  })
})

describe('wrap', () => {
  it('breaks between words before the width', () => {
    expect(wrap('one two three', 10, '  ', '- ')).to.deep.equal(['- one two', '  three'])
  })
  it('keeps a word that is longer than a line whole', () => {
    expect(wrap('a sha256:0123456789 b', 10, '', '')).to.deep.equal(['a', 'sha256:0123456789', 'b'])
  })
  it('keeps line breaks', () => {
    expect(wrap('a\nb', 10, '  ', '- ')).to.deep.equal(['- a', '  b'])
  })
})
