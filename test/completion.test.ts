import { expect } from 'chai'
import { warnCodes } from '../src/code-docs.ts'
import { shellWords } from '../src/completion/shell-words.ts'
import { reportFormats } from '../src/reporters/formats.ts'
import { command } from './support/command.ts'

const answer = async (...words: readonly string[]) => {
  const { code, out } = await command(['__complete', 'zsh', ...words])
  expect(code).to.equal(0)
  const [besides, ...lines] = out.trimEnd().split('\n')
  return { besides, values: lines.map(line => line.split('\t')[0]!) }
}
const bash = async (line: string, breaks = '') => (await command(['__complete', 'bash', line, breaks])).out.trimEnd().split('\n')

describe('completion', () => {
  it('offers the commands, and files for the default one', async () => {
    const { besides, values } = await answer('')
    expect(besides).to.equal('files')
    expect(values).to.include.members(['run', 'analyze', 'verify', 'explain', 'completion'])
    expect((await answer('ana')).values).to.deep.equal(['analyze'])
  })

  it('offers the flags of the command, and those of the default one without a command', async () => {
    expect((await answer('analyze', '--sch')).values).to.deep.equal(['--schema'])
    expect((await answer('--conf')).values).to.deep.equal(['--config'])
    expect((await answer('analyze', '--conf')).values).to.deep.equal([])
    expect((await answer('--config', 'verify', '--conf')).values).to.deep.equal(['--config'])
    expect((await answer('run', '--interac')).values).to.deep.equal([])
    expect((await answer('--expl')).values).to.deep.equal(['--explain'])
  })

  for (const [words, expected] of [
    [['run', '--format', ''], [...reportFormats]],
    [
      ['run', '--format', 'j'],
      ['json', 'junit'],
    ],
    [['--format=s'], ['--format=sarif']],
    [['verify', '--format', 't'], ['text']],
    [['run', '--checks', 'image,bin'], ['image,binaries']],
    [['run', '--checks=image,bin'], ['--checks=image,binaries']],
    [['run', '--accept', ''], [...warnCodes]],
    [['explain', 'IMAGE_NOT_F'], ['IMAGE_NOT_FOUND']],
    [['--explain', 'IMAGE_NOT_F'], ['IMAGE_NOT_FOUND']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['run', '--timeout', ''], []],
    [['explain', 'A', ''], []],
    [['rbac', ''], []],
  ] as const) {
    it(`offers for ${JSON.stringify(words)} ${expected.length > 5 ? `${expected.length} words` : expected.join(' ') || 'nothing'}`, async () => {
      expect(await answer(...words)).to.deep.equal({ besides: 'nothing', values: expected })
    })
  }

  for (const [words, besides] of [
    [['run', '--config', ''], 'files'],
    [['run', '--config=x'], 'files'],
    [['run', '--secrets', ''], 'files'],
    [['run', '--cache-dir', ''], 'folders'],
    [['run', '--trust-store', ''], 'folders'],
    [['analyze', ''], 'files'],
    [['analyze', 'b', 'spec'], 'files'],
    [['run', '-o', ''], 'files'],
    [['run', '--', '--fo'], 'files'],
    [['verify', ''], 'nothing'],
  ] as const) {
    it(`leaves ${besides} to the shell for ${JSON.stringify(words)}`, async () => {
      expect(await answer(...words)).to.deep.equal({ besides, values: [] })
    })
  }

  it('gives bash only what follows its last word break', async () => {
    expect(await bash('vpp run --format=ju', '"=:')).to.deep.equal(['nothing', 'junit'])
    expect(await bash('vpp run --format=ju')).to.deep.equal(['nothing', '--format=junit'])
  })

  it('tells by a description what a code means', async () => {
    expect((await command(['__complete', 'fish', 'explain', 'IMAGE_NOT_FOUND'])).out).to.match(/\nIMAGE_NOT_FOUND\t.+\n$/)
  })

  it('has no answer, and no error, for what no script asks', async () => {
    expect(await command(['__complete', 'tcsh', 'x'])).to.deep.include({ code: 0, out: '', err: '' })
    expect(await command(['__complete'])).to.deep.include({ code: 0, out: '', err: '' })
  })

  it('refuses another shell', async () => expect((await command(['completion', 'tcsh'])).code).to.equal(2))

  for (const [line, words] of [
    ['a b', ['a', 'b']],
    ['a b ', ['a', 'b', '']],
    ['a \'b c\' "d\\"e" f\\ g', ['a', 'b c', 'd"e', 'f g']],
    ["a 'open quo", ['a', 'open quo']],
    ["a ''", ['a', '']],
    ['x | y; FOO=1 a b', ['FOO=1', 'a', 'b']],
    ['', ['']],
  ] as const) {
    it(`reads ${JSON.stringify(line)} as bash does`, () => expect(shellWords(line)).to.deep.equal(words))
  }
})
