import { spawn } from 'node:child_process'
import { PreflightError } from '../errors.ts'
import { isObject, type JsonObject, listAt, textAt, valueAt } from '../kubernetes/objects.ts'
import { printable } from '../redact.ts'

const limitBytes = 1 << 20

export interface ExecLogin {
  readonly token?: string
  /** PEM. */
  readonly cert?: string
  readonly key?: string
}

export interface ExecOptions {
  /** `users[].user.exec` */
  readonly exec: JsonObject
  /** What the program is told of the cluster. */
  readonly cluster: JsonObject
  readonly env: Readonly<Record<string, string | undefined>>
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Asks the program that a kubeconfig names for a login, as kubectl does, without a terminal: no shell, at most `timeoutMs` and 1 MiB.
 *
 * @throws PreflightError CLUSTER_LOGIN, without anything that the program wrote: it may be a token
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export const execLogin = async ({ exec, cluster, env, timeoutMs, signal }: ExecOptions): Promise<ExecLogin> => {
  const command = textAt(exec, 'command') ?? ''
  const failed = (what: string, cause?: unknown) =>
    new PreflightError('CLUSTER_LOGIN', `The program ${printable(command)}, which the kubeconfig names for a login, ${what}.`, {
      hint: 'Try it with kubectl get nodes.',
      cause,
    })
  if (command === '') throw failed('has no name')
  const apiVersion = textAt(exec, 'apiVersion') ?? ''
  const info = {
    apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(valueAt(exec, 'provideClusterInfo') === true ? { cluster } : {}) },
  }
  const own = Object.fromEntries(listAt(exec, 'env').map(one => [textAt(one, 'name') ?? '', textAt(one, 'value') ?? '']))
  const args = listAt(exec, 'args').map(String)
  const output = await run(command, args, { ...env, ...own, KUBERNETES_EXEC_INFO: JSON.stringify(info) }, { timeoutMs, signal, failed })
  const status = statusOf(output)
  if (!isObject(status)) throw failed('gave no ExecCredential')
  const [token, cert, key] = ['token', 'clientCertificateData', 'clientKeyData'].map(name => textAt(status, name) || undefined)
  if (token === undefined && (cert === undefined || key === undefined)) throw failed('gave neither a token nor a certificate with its key')
  return { ...(token && { token }), ...(cert && key && { cert, key }) }
}

const statusOf = (output: string): unknown => {
  try {
    return valueAt(JSON.parse(output), 'status')
  } catch {
    return undefined
  }
}

interface RunLimits {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly failed: (what: string, cause?: unknown) => PreflightError
}

const run = (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  { timeoutMs, signal, failed }: RunLimits,
): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'ignore'], shell: false, env })
    const pieces: Buffer[] = []
    let sizeBytes = 0
    const leave = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
    const stop = (error: PreflightError) => {
      leave()
      child.kill('SIGKILL')
      // A grandchild may hold the pipe open.
      child.stdout.destroy()
      reject(error)
    }
    const onAbort = () => stop(failed('was stopped'))
    const timer = setTimeout(() => stop(failed(`did not answer within ${timeoutMs / 1000} s`)), timeoutMs)
    signal.addEventListener('abort', onAbort)
    child.on('error', cause => stop(failed('is not installed or cannot be run', cause)))
    child.stdout.on('data', (piece: Buffer) => {
      sizeBytes += piece.length
      if (sizeBytes > limitBytes) stop(failed('wrote more than 1 MiB'))
      else pieces.push(piece)
    })
    child.on('close', code => {
      leave()
      if (code === 0) resolve(Buffer.concat(pieces).toString())
      else reject(failed(`ended with exit code ${code ?? 'none'}`))
    })
  })
