import { expect } from 'chai'
import { markdown } from '../../src/reporters/markdown.ts'
import { findingOf, fullReport, hostile, reportContext, resultOf } from '../support/reports.ts'

describe('markdown report', () => {
  it('has a table of all checks, and what is no pass in sentences with its evidence folded', () => {
    expect(markdown(fullReport, reportContext)).to.equal(
      [
        '## ❌ Velero plugins: 1 check failed',
        '',
        '<code>config.yaml</code> · <code>linux/amd64</code>',
        '',
        '1 passed, 2 warned (1 accepted), 1 failed, 1 not checked · velero-plugin-preflight 1.2.3',
        '',
        '| | config | image | binaries |',
        '| --- | :---: | :---: | :---: |',
        '| Config | ✅ |  |  |',
        '| a | ⚠️ | ❌ | ➖ |',
        '| b |  | ⚠️ |  |',
        '',
        '### a',
        '',
        '<code>r.example/a:v1</code>',
        '',
        '- ❌ **image** <code>IMAGE\\_NOT\\_FOUND</code>: Gone.',
        '',
        '  <details><summary>Evidence</summary><ul><li>seen x</li><li>seen y</li></ul><ul><li>⚠️ <code>IMAGE_X</code> Other.<ul><li>seen z</li></ul></li></ul></details>',
        '- ⚠️ **config** <code>PLUGIN\\_IMAGE\\_LATEST</code>: Odd.',
        '- ➖ **binaries** not checked: No image.',
        '',
        '',
        '### b',
        '',
        '- ⚠️ **image** <code>IMAGE\\_X</code> (accepted): Known.',
        '',
      ].join('\n'),
    )
  })

  it('says why a run could not go on', () => {
    const text = markdown(
      { results: [], notChecked: [], error: { code: 'USAGE', message: 'No.' } },
      { ...reportContext, subject: '', platforms: [] },
    )
    expect(text).to.contain('## ❌ Velero plugins: Could not be run').and.to.contain('❌ **Error (USAGE): No.**')
  })

  it('takes a report of nothing for no good news', () => {
    expect(markdown({ results: [], notChecked: [] }, reportContext)).to.contain('❌ Velero plugins: Nothing was checked')
  })

  it('lets no text begin HTML, a table, a link, a mention, or a line', () => {
    const report = {
      results: [
        resultOf(
          hostile,
          'image',
          findingOf('fail', hostile, { code: 'A', evidence: [hostile] }),
          findingOf('warn', hostile, { code: 'B', evidence: [hostile] }),
        ),
      ],
      notChecked: [{ check: 'binaries', plugin: hostile, why: hostile }],
    }
    const text = markdown(report, { ...reportContext, subject: hostile, images: { [hostile]: hostile } })
    const tags = [...text.matchAll(/<(?!!-- -->)[^>]*>/g)].map(([tag]) => tag)
    expect(new Set(tags)).to.deep.equal(
      new Set(['<code>', '</code>', '<details>', '<summary>', '</summary>', '</details>', '<ul>', '</ul>', '<li>', '</li>', '<br>']),
    )
    expect(text).to.not.match(/(?:@|(?<!&)#)\w/)
    // Of the lines that Markdown reads nothing hostile begins one, and its characters are escaped.
    const lines = text.split('\n').filter(line => !line.trimStart().startsWith('<details>'))
    expect(lines.join('\n')).to.not.match(/:\/\/|www\./)
    for (const line of lines) expect(line).to.match(/^(?:$|#{2,3} |\| |<code>|- |1? ?\d+ passed)/)
    for (const line of lines.filter(one => !one.startsWith('|')))
      expect(line.replace(/\*\*(?:image|binaries)\*\*/g, '')).to.not.match(/(?<!\\)[`*[\]|~]/)
    const rows = lines.filter(one => one.startsWith('|'))
    for (const row of rows) expect(row.match(/(?<!\\)\|/g)).to.have.length(4)
  })

  it('stays under what GitHub takes, fails first, and says that there is more', () => {
    const many = Array.from({ length: 300 }, (_, at) =>
      resultOf(`p${at}`, 'image', findingOf(at === 299 ? 'fail' : 'warn', 'é'.repeat(5000))),
    )
    const text = markdown({ results: many, notChecked: [] }, reportContext)
    expect(Buffer.byteLength(text)).to.be.lessThan(1 << 20)
    expect(text)
      .to.contain('### p299')
      .and.to.match(/\d+ more with something to say do not fit here/)
    expect(text.indexOf('### p299')).to.be.lessThan(text.indexOf('### p0'))
  })
})
