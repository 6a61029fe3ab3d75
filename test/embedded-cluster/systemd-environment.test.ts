import { expect } from 'chai'
import { systemdEnvironment } from '../../src/embedded-cluster/systemd-environment.ts'

describe('systemd environment', () => {
  const cases: readonly (readonly [title: string, text: string, expected: Readonly<Record<string, string>>])[] = [
    [
      'what Embedded Cluster writes',
      '[Service]\nEnvironment="HTTP_PROXY=http://p:1"\nEnvironment="NO_PROXY=a,b"',
      { HTTP_PROXY: 'http://p:1', NO_PROXY: 'a,b' },
    ],
    ['several of one line', '[Service]\nEnvironment=A=1 "B=2 3" \'C=4 5\'', { A: '1', B: '2 3', C: '4 5' }],
    ['quotes inside of a value', '[Service]\nEnvironment=A="1 2"', { A: '1 2' }],
    ['backslashes', '[Service]\nEnvironment="A=a\\"b" B=c\\ d', { A: 'a"b', B: 'c d' }],
    ['the last of two', '[Service]\nEnvironment=A=1\nEnvironment=A=2', { A: '2' }],
    ['nothing that an empty line takes back', '[Service]\nEnvironment=A=1\nEnvironment=\nEnvironment=B=2', { B: '2' }],
    ['nothing of other sections', '[Unit]\nEnvironment=A=1\n[Service]\nEnvironment=B=2\n[Install]\nEnvironment=C=3', { B: '2' }],
    ['nothing of comments', '[Service]\n#Environment=A=1\n;Environment=B=2', {}],
    ['what goes on in the next line', '[Service]\nEnvironment=A=1 \\\n  B=2', { A: '1', B: '2' }],
    [
      'a percent sign of two, and those of an encoded password',
      '[Service]\nEnvironment="A=50%%" "B=u:p%40ss"',
      { A: '50%', B: 'u:p%40ss' },
    ],
    ['empty values', '[Service]\nEnvironment="A="', { A: '' }],
    ['nothing without a name', '[Service]\nEnvironment="=1" 2 "3=4"', {}],
    ['lines with carriage returns', '[Service]\r\nEnvironment=A=1\r\n', { A: '1' }],
  ]
  for (const [title, text, expected] of cases)
    it(`holds ${title}`, () => expect(Object.fromEntries(systemdEnvironment(text))).to.deep.equal(expected))

  it('goes on from the drop-ins before it', () => {
    const before = systemdEnvironment('[Service]\nEnvironment=A=1 B=2')
    expect(Object.fromEntries(systemdEnvironment('[Service]\nEnvironment=A=3', before))).to.deep.equal({ A: '3', B: '2' })
  })
})
