import type { Finding, Report, Result, Status } from '../../src/outcome.ts'
import type { ReportContext } from '../../src/reporters/reporter.ts'

export const reportContext: ReportContext = {
  version: '1.2.3',
  subject: 'config.yaml',
  platforms: ['linux/amd64'],
  images: { a: 'r.example/a:v1' },
  collectedAt: '2026-11-27T10:00:00.000Z',
  width: 80,
  colour: false,
  verbose: false,
}

export const findingOf = (status: Status, message: string, more: Partial<Finding> = {}): Finding => ({
  status,
  code: 'IMAGE_X',
  message,
  ...more,
})

/** A result of these findings, the worst of them first. */
export const resultOf = (plugin: string | undefined, check: string, ...findings: readonly Finding[]): Result => {
  const { status, code, message, accepted } = findings[0]!
  return {
    title: check,
    message,
    check,
    code,
    status,
    findings,
    ...(plugin === undefined ? {} : { plugin }),
    ...(accepted === undefined ? {} : { accepted }),
  }
}

/** One of everything. */
export const fullReport: Report = {
  results: [
    resultOf(undefined, 'config', findingOf('pass', 'All is well.')),
    resultOf(
      'a',
      'image',
      findingOf('fail', 'a: Gone.', { code: 'IMAGE_NOT_FOUND', evidence: ['seen x', 'seen y'] }),
      findingOf('warn', 'a: Other.', { evidence: ['seen z'] }),
      findingOf('pass', 'a: Fine.'),
    ),
    resultOf(
      'a',
      'config',
      findingOf('warn', 'a: Odd.', { code: 'PLUGIN_IMAGE_LATEST', position: { file: 'c.yaml', line: 7, column: 3 } }),
    ),
    resultOf('b', 'image', findingOf('warn', 'b: Known.', { accepted: true })),
  ],
  notChecked: [{ check: 'binaries', plugin: 'a', why: 'No image.' }],
}

/** What a registry, a Config or a file name may say. */
export const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</style></code></pre></details><b>',
  '| a | b |\n| - | - |',
  '`code` *bold* _it_ [x](javascript:alert(1)) ![i](http://e.example/i.png) ~~no~~',
  'https://e.example/phish www.e.example @everyone #12',
  '\u0000\u0007\u001b[2J\u202e\u200b\ufffe\uffff\ud800',
  ']]> <!-- --> <?xml?> &amp; &#x0; %0A::error::x',
  '\n# heading\n- item\n\n    code\n',
].join(' ')
