// packages: zsh, fish, prometheus
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { completionScript } from '../../src/completion/scripts.ts'
import { createMeasure } from '../../src/measure.ts'
import { metricsText } from '../../src/metrics.ts'
import { findingOf, fullReport, hostile, resultOf } from '../support/reports.ts'
import { debian } from './peers.ts'
import { temporaryFolder } from './processes.ts'

const bin = fileURLToPath(new URL('../../bin/velero-plugin-preflight.js', import.meta.url))

/** What each shell must offer for a line, each word once. */
const cases = [
  ['a command', 'velero-plugin-preflight ana', ['analyze']],
  ['a flag', 'velero-plugin-preflight analyze --schem', ['--schema']],
  ['a value', 'velero-plugin-preflight run --format ju', ['junit']],
  ['a code', 'velero-plugin-preflight explain IMAGE_NOT_F', ['IMAGE_NOT_FOUND']],
  ['a file', 'velero-plugin-preflight run --config my', ['my file.yaml']],
  ['a folder alone', 'velero-plugin-preflight run --cache-dir s', ['some-folder']],
  ['no file where none may stand', 'velero-plugin-preflight run --timeout s', []],
] as const

describe('completion in real shells', function () {
  this.timeout(120_000)
  let folder: string
  let env: Readonly<Record<string, string>>
  before(() => {
    folder = temporaryFolder('completion')
    for (const name of ['bin', 'work', 'work/some-folder']) mkdirSync(join(folder, name))
    writeFileSync(join(folder, 'work', 'my file.yaml'), '')
    symlinkSync(bin, join(folder, 'bin', 'velero-plugin-preflight'))
    env = { PATH: `${join(folder, 'bin')}:${join(process.execPath, '..')}:/usr/bin:/bin`, HOME: folder, LC_ALL: 'C.UTF-8', TERM: 'dumb' }
    for (const shell of ['bash', 'zsh', 'fish'] as const) writeFileSync(join(folder, `completion.${shell}`), completionScript(shell))
  })
  const lines = (program: string, args: readonly string[]): readonly string[] => {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: join(folder, 'work'), env, encoding: 'utf8' })
    expect([status, stderr]).to.deep.equal([0, ''])
    return stdout.split('\n').filter(line => line !== '')
  }

  describe('bash', () => {
    /** As readline calls it: words split at COMP_WORDBREAKS too. */
    const complete = (line: string) =>
      lines('bash', [
        '--norc',
        '-c',
        `compopt() { :; }; source "$1"; COMP_LINE=$2 COMP_POINT=\${#2}; IFS=$'\\n' read -r -d '' -a COMP_WORDS < <(sed -E 's/([=:@])/ \\1 /g; s/ +/\\n/g' <<<"$2"; printf '\\0'); [[ $2 != *' ' && $2 != *= ]] || COMP_WORDS+=(''); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _velero_plugin_preflight velero-plugin-preflight; printf '%s\\n' "\${COMPREPLY[@]}"`,
        'bash',
        join(folder, 'completion.bash'),
        line,
      ])
    for (const [what, line, expected] of cases) it(`offers ${what}`, () => expect(complete(line)).to.deep.equal(expected))
    for (const [line, expected] of [
      ['velero-plugin-preflight run --format=ju', ['junit']],
      ['velero-plugin-preflight run --config=my', ['my file.yaml']],
      ['velero-plugin-preflight run --config=', ['my file.yaml', 'some-folder']],
    ] as const) {
      it(`completes after the = of ${line}`, () => expect(complete(line)).to.have.members([...expected]))
    }
    it('takes the script as it is', () => expect(lines('bash', ['-n', join(folder, 'completion.bash')])).to.deep.equal([]))
  })

  describe('zsh', () => {
    before(function () {
      debian(this, 'zsh')
    })
    /** In a terminal of its own (zpty), as a person would press the tab key twice. */
    const complete = (line: string): string => {
      writeFileSync(
        join(folder, 'drive.zsh'),
        `zmodload zsh/zpty
zpty shell 'cd ${join(folder, 'work')}; PS1=; PROMPT=; RPROMPT=; unsetopt zle_bracketed_paste; zsh -f -i'
zpty -w shell 'PS1="ready> "; RPS1=; autoload -U compinit; compinit -u -D; source ${join(folder, 'completion.zsh')}; zstyle ":completion:*" list-prompt ""; LISTMAX=1000; bindkey "^I" complete-word; setopt no_beep; print loaded'
zpty -r shell text '*loaded*loaded*'
zpty -w -n shell $'${line}\\t'
sleep 3
zpty -w -n shell $'\\C-A: \\C-E'
sleep 0.3
zpty -w shell ''
zpty -w shell 'print -r -- "<\${history[$((HISTCMD-1))]}>"; print ended'
zpty -r shell text '*ended*ended*'
print -r -- "$text"
zpty -d shell
`,
      )
      return spawnSync('zsh', ['-f', join(folder, 'drive.zsh')], { env, encoding: 'utf8', timeout: 30_000 }).stdout
    }
    for (const [what, line, [expected]] of cases.filter(([, , words]) => words.length === 1)) {
      it(`completes ${what}`, () =>
        expect(complete(line)).to.contain(`${line.slice(0, line.lastIndexOf(' '))} ${expected!.replace(' ', '\\ ')}`))
    }
    it('takes the script as it is', () => expect(lines('zsh', ['-n', join(folder, 'completion.zsh')])).to.deep.equal([]))
  })

  describe('fish', () => {
    before(function () {
      debian(this, 'fish')
    })
    const complete = (line: string) =>
      lines('fish', ['--no-config', '-c', `source ${join(folder, 'completion.fish')}; complete -C "${line}"`]).map(one =>
        one.split('\t')[0]!.replace(/\/$/, ''),
      )
    for (const [what, line, expected] of cases)
      it(`offers ${what}`, () =>
        expect(complete(line))
          .to.include.members([...expected])
          .and.to.have.length(expected.length))
    it('completes after the = of a flag', () =>
      expect(complete('velero-plugin-preflight run --format=ju')).to.deep.equal(['--format=junit']))
  })
})

describe('metrics before promtool', () => {
  before(function () {
    debian(this, 'promtool')
  })
  it('have nothing that it finds fault with', () => {
    const measure = createMeasure(() => performance.now())
    measure.progress({ check: 'image', state: 'ended' })
    measure.meter({ kind: 'request', to: 'registry', method: 'GET', outcome: '200' })
    measure.meter({ kind: 'received', to: 'registry', bytes: 3e21 })
    measure.meter({ kind: 'cache', result: 'hit' })
    const report = {
      ...fullReport,
      results: [...fullReport.results, resultOf(hostile, hostile, findingOf('fail', 'x'))],
      error: { code: 'A', message: 'm' },
    }
    const input = metricsText({ report, exitCode: 3, now: new Date(), measured: measure.read() })
    expect(execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] })).to.equal('')
    const { stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })
    expect(stderr).to.equal('')
  })
})
