import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type CommandRun, command } from '../support/command.ts'

export interface Shell {
  run(line: string): Promise<CommandRun>
  close(): Promise<void>
}

interface Call {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly stdin: string
}

/** Our program's name on the PATH: hands the call to this process, where it has not to be loaded anew each time. */
const stub = (socket: string) => `#!${process.execPath}
const [{ connect }, { readFileSync, writeSync }] = [require('node:net'), require('node:fs')]
const argv = process.argv.slice(2)
let answer = ''
connect(${JSON.stringify(socket)})
  .on('data', text => { answer += text })
  .on('end', () => {
    const { code, out, err } = JSON.parse(answer)
    writeSync(2, err)
    process.stdout.write(out)
    process.exitCode = code
  })
  .end(JSON.stringify({ argv, cwd: process.cwd(), env: process.env, stdin: argv.includes('-') ? readFileSync(0, 'utf8') : '' }))
`

/** `kubectl apply -f -`, as far as a line needs it: keeps what it is given. */
const kubectl = (folder: string) => `#!/bin/sh\ncat > '${join(folder, 'applied.yaml')}'\n`

/** Files are looked for from where the process is, as in a process of its own. */
const answerTo = async ({ argv, cwd, env, stdin }: Call): Promise<CommandRun> => {
  const before = process.cwd()
  process.chdir(cwd)
  try {
    return await command(argv, { cwd, env, stdin })
  } finally {
    process.chdir(before)
  }
}

/** bash in a folder, which finds our program, and of others none but those that every system has. */
export const startShell = async (folder: string, env: Readonly<Record<string, string>>): Promise<Shell> => {
  const [bin, socket] = [join(folder, 'bin'), join(folder, 'socket')]
  mkdirSync(bin, { recursive: true })
  for (const [name, text] of [
    ['velero-plugin-preflight', stub(socket)],
    ['kubectl', kubectl(folder)],
  ] as const) {
    writeFileSync(join(bin, name), text)
    chmodSync(join(bin, name), 0o755)
  }
  const server = createServer({ allowHalfOpen: true }, connection => {
    let text = ''
    connection.on('data', piece => {
      text += piece.toString()
    })
    connection.on('end', () => {
      answerTo(JSON.parse(text))
        .catch(error => ({ code: 1, out: '', err: String(error.stack) }))
        .then(ran => connection.end(JSON.stringify(ran)))
    })
  })
  await new Promise<void>(resolve => server.listen(socket, resolve))
  return {
    run: line =>
      new Promise((resolve, reject) => {
        const shell = spawn('bash', ['-c', `set -o pipefail\n${line}`], {
          cwd: folder,
          env: { PATH: `${bin}:/usr/bin:/bin`, HOME: folder, XDG_CACHE_HOME: join(folder, 'cache'), ...env },
          stdio: ['ignore', 'pipe', 'pipe'],
        })
        let [out, err] = ['', '']
        shell.stdout.on('data', piece => {
          out += piece
        })
        shell.stderr.on('data', piece => {
          err += piece
        })
        shell.on('error', reject)
        shell.on('close', code => resolve({ code: code ?? 1, out, err }))
      }),
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}
