import { isObject, type JsonObject, listAt, textAt } from './objects.ts'

/** What a pod of the DaemonSet logs when its checks are done: one line, whatever stands before it. */
export interface NodeLog {
  readonly version: string
  readonly platform: string
  readonly results: readonly NodeLogResult[]
  readonly notChecked: readonly { readonly check: string; readonly plugin?: string; readonly why: string }[]
  /** Why the run could not come to its end. */
  readonly error?: { readonly code: string; readonly message: string }
}

export interface NodeLogResult {
  readonly check: string
  readonly plugin?: string
  readonly status: 'pass' | 'warn' | 'fail'
  readonly code: string
  readonly message: string
}

const schema = 'velero-plugin-preflight/node/v1'

export const nodeLogLine = (log: NodeLog): string => `${JSON.stringify({ schema, ...log })}\n`

/** The last such line of a log; undefined: there is none yet. What it lacks is left out, and so will be missed. */
export const readNodeLog = (text: string): NodeLog | undefined => {
  // The last line may still be being written.
  const lines = text.split('\n').slice(0, -1)
  const line = lines.findLast(one => one.startsWith(`{"schema":"${schema}"`))
  const object = line === undefined ? undefined : parse(line)
  if (object === undefined) return undefined
  const error = objectAt(object, 'error')
  return {
    version: textAt(object, 'version') ?? '',
    platform: textAt(object, 'platform') ?? '',
    results: listAt(object, 'results').flatMap(resultOf),
    notChecked: listAt(object, 'notChecked').flatMap(one => {
      const [check, why] = [textAt(one, 'check'), textAt(one, 'why')]
      return check === undefined || why === undefined ? [] : [{ check, ...pluginOf(one), why }]
    }),
    ...(error && { error: { code: textAt(error, 'code') ?? 'INTERNAL', message: textAt(error, 'message') ?? 'It says no more.' } }),
  }
}

const resultOf = (one: unknown): readonly NodeLogResult[] => {
  const [check, status, code, message] = ['check', 'status', 'code', 'message'].map(key => textAt(one, key))
  if (check === undefined || code === undefined || message === undefined) return []
  if (status !== 'pass' && status !== 'warn' && status !== 'fail') return []
  return [{ check, ...pluginOf(one), status, code, message }]
}

const pluginOf = (one: unknown): { readonly plugin?: string } => {
  const plugin = textAt(one, 'plugin')
  return plugin === undefined ? {} : { plugin }
}

const objectAt = (object: JsonObject, key: string): JsonObject | undefined => {
  const value = object[key]
  return isObject(value) ? value : undefined
}

const parse = (line: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
