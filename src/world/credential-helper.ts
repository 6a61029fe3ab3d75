import { spawn } from 'node:child_process'
import { PreflightError } from '../errors.ts'
import type { DockerLogin, HelperCall } from '../kubelet/docker-config.ts'

const limitBytes = 1 << 20

/**
 * Asks `docker-credential-<helper> get` for a server's login: no shell, at most `timeoutMs` and 1 MiB.
 *
 * @returns undefined when the helper has none for the server
 * @throws PreflightError CREDENTIAL_HELPER_FAILED, without anything that the helper wrote: it may be a password
 * @see https://github.com/docker/docker-credential-helpers/blob/v0.9.3/README.md#development
 */
export const askHelper = async ({ helper, server, entry }: HelperCall, timeoutMs: number): Promise<DockerLogin | undefined> => {
  const program = `docker-credential-${helper}`
  const failed = (what: string, cause?: unknown) =>
    new PreflightError('CREDENTIAL_HELPER_FAILED', `The credential helper ${program} of the docker config ${what}.`, {
      hint: `Try it by hand: echo ${server} | ${program} get`,
      cause,
    })
  const { code, output } = await run(program, `${server}\n`, timeoutMs, failed)
  if (/credentials not found/i.test(output)) return undefined
  if (code !== 0) throw failed(`ended with exit code ${code ?? 'none'}`)
  const { Username, Secret } = answerOf(output) ?? {}
  if (typeof Username !== 'string' || typeof Secret !== 'string') throw failed('gave something else than a Username and a Secret')
  if (Username === '' && Secret === '') return undefined
  // A helper marks a refresh token by this name (docker/cli cli/config/credentials/native_store.go).
  return Username === '<token>'
    ? { username: Username, password: '', identityToken: Secret, entry }
    : { username: Username, password: Secret, entry }
}

type Failed = (what: string, cause?: unknown) => PreflightError

const run = (program: string, input: string, timeoutMs: number, failed: Failed): Promise<{ code: number | null; output: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], { stdio: ['pipe', 'pipe', 'ignore'], shell: false })
    const pieces: Buffer[] = []
    let sizeBytes = 0
    const stop = (error: PreflightError) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      child.stdout.destroy()
      reject(error)
    }
    const timer = setTimeout(() => stop(failed(`did not answer within ${timeoutMs / 1000} s`)), timeoutMs)
    child.on('error', cause => stop(failed('is not installed or cannot be run', cause)))
    child.stdout.on('data', (piece: Buffer) => {
      sizeBytes += piece.length
      if (sizeBytes > limitBytes) stop(failed('wrote more than 1 MiB'))
      else pieces.push(piece)
    })
    child.on('close', code => {
      clearTimeout(timer)
      resolve({ code, output: Buffer.concat(pieces).toString() })
    })
    // A helper may end without reading what it was asked.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })

const answerOf = (output: string): { readonly Username?: unknown; readonly Secret?: unknown } | null => {
  try {
    return JSON.parse(output) as { Username?: unknown; Secret?: unknown } | null
  } catch {
    return null
  }
}
