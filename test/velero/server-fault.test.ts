import { expect } from 'chai'
import { serverFault } from '../../src/velero/server-fault.ts'
import { serverLog } from '../../src/velero/server-log.ts'

const at = 'time="2026-11-27T23:00:00Z"'
const cry = (level: string, words: string, file = 'acme') => `${at} level=${level} ${words} cmd=/plugins/${file} pluginName=${file}`

/** The last words of go-plugin 1.6 and later, with what it says of the file. */
const noted = (words: string, path = '/plugins/acme') => [
  `velero: Unrecognized remote plugin message: ${words}`,
  ...(words === '' ? ["Failed to read any lines from plugin's stdout"] : []),
  'This usually means',
  '  the plugin was not compiled for this architecture,',
  'Additional notes about plugin:',
  `  Path: ${path}`,
  '  Mode: -rwxr-xr-x',
  '  ELF architecture: EM_X86_64 (current architecture: amd64)',
]

const faultOf = (...lines: readonly string[]) => serverFault(serverLog(lines))

describe("why a server's start ended", () => {
  for (const [words, kind, command] of [
    ['fork/exec /plugins/acme: exec format error', 'machine', '/plugins/acme'],
    ['fork/exec /plugins/acme: no such file or directory', 'interpreter', '/plugins/acme'],
    ['fork/exec /plugins/acme: permission denied', 'mode', '/plugins/acme'],
    ['fork/exec /plugins/acme: cannot allocate memory', 'memory', '/plugins/acme'],
    ['timeout while waiting for plugin to start', 'hangs', undefined],
    ['plugin exited before we could connect', 'noHandshake', undefined],
    ['invalid plugin kind: ItemSnapshotter', 'kind', undefined],
    ['invalid plugin name "x": it has no slash', 'name', undefined],
    ['incompatible API version with plugin. Plugin version: 1, Client versions: [2]', 'protocol', undefined],
    ['Incompatible API version with plugin. Plugin version: 1, Client versions: [2]', 'protocol', undefined],
    ['namespaces "velero" is forbidden', 'server', undefined],
  ] as const)
    for (const before of ['An error occurred', 'velero'])
      it(`is ${kind} by "${before}: ${words}"`, () => {
        expect(faultOf(`${before}: ${words}`)).to.include({ kind, ...(command && { command }) })
      })

  it('is what was printed in place of the handshake', () => {
    expect(faultOf(...noted('starting version 1'))).to.include({ kind: 'prints', detail: 'starting version 1', command: '/plugins/acme' })
  })

  it('is that nothing was said, when the log has no more', () => {
    expect(faultOf(...noted(''))).to.include({ kind: 'noHandshake', command: '/plugins/acme' })
  })

  for (const [kind, line] of [
    ['panic', cry('error', 'msg="panic: no database"')],
    ['panic', cry('error', 'msg="fatal error: all goroutines are asleep"')],
    ['temporary', cry('error', 'msg="plugin init error" error="open /tmp/plugin1: read-only file system"')],
    ['flags', cry('error', 'msg="unknown flag: --features"')],
    ['libraries', cry('error', 'msg="/plugins/acme: /lib/libc.so.6: version `GLIBC_2.38\' not found"')],
    ['memory', cry('error', 'msg="plugin process exited" error="signal: killed"')],
  ] as const)
    it(`is ${kind} when the plugin said so before or after: ${line.slice(at.length)}`, () => {
      for (const lines of [
        [line, ...noted('')],
        [...noted(''), line],
      ])
        expect(faultOf(...lines)).to.include({ kind, command: '/plugins/acme' })
    })

  it('is proven by the line that the plugin wrote, then by the last words', () => {
    const panic = cry('error', 'msg="panic: no database"')
    expect(faultOf(panic, ...noted(''))?.lines.slice(0, 2)).to.deep.equal([panic, 'velero: Unrecognized remote plugin message: '])
  })

  it('is not what another plugin said', () => {
    expect(faultOf(cry('error', 'msg="panic: oh"', 'other'), ...noted(''))?.kind).to.equal('noHandshake')
  })

  it('is a name that two files register', () => {
    expect(
      faultOf(
        'An error occurred: unable to register plugin (kind=ObjectStore, name=velero.io/aws, command=/plugins/b) because another plugin is already registered for this kind and name (command=/plugins/a)',
      ),
    ).to.include({ kind: 'duplicate', command: '/plugins/b', other: '/plugins/a', detail: 'ObjectStore velero.io/aws' })
  })

  it('is not known of a server that said nothing at its end', () => {
    expect(faultOf(`${at} level=info msg="Starting Velero server v1.18.3 (-)"`)).to.equal(undefined)
  })
})

describe("a server's log", () => {
  const registering = (command: string, name: string) =>
    `${at} level=info msg="registering plugin" command=${command} kind=ObjectStore name=${name}`

  for (const [format, line] of [
    ['text', registering('/plugins/acme', 'example.com/acme')],
    ['JSON', '{"command":"/plugins/acme","kind":"ObjectStore","level":"info","msg":"registering plugin","name":"example.com/acme"}'],
  ] as const)
    it(`tells as ${format} what was registered`, () => {
      expect(serverLog([line]).registered).to.deep.equal([
        { command: '/plugins/acme', kind: 'ObjectStore', name: 'example.com/acme', line },
      ])
    })

  it('tells which file it passed over, and its mode', () => {
    const line = `${at} level=warning msg="Searching plugin skip file a b, not executable, mode -rw-r--r--, ext "`
    expect(serverLog([line]).skipped).to.deep.equal([{ command: '/plugins/a b', text: '-rw-r--r--', line }])
  })

  it('tells a name that the framework refused, as Go quotes it', () => {
    const { invalidNames } = serverLog([cry('error', String.raw`msg="invalid plugin name \"acme\": it has no slash"`)])
    expect(invalidNames.map(({ command, text }) => [command, text])).to.deep.equal([
      ['/plugins/acme', 'invalid plugin name "acme": it has no slash'],
    ])
  })

  it('tells its version, and whether it has gone on after plugins', () => {
    const start = `${at} level=info msg="Starting Velero server v1.18.3 (-)"`
    expect(serverLog([start])).to.include({ started: true, version: 'v1.18.3', discovered: false })
    expect(serverLog([start, `${at} level=info msg="Checking existence of namespace." namespace=velero`]).discovered).to.equal(true)
  })
})
