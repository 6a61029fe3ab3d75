import { checks } from '../checks.ts'
import type { Io } from '../cli.ts'
import { nodeCheckObjects } from '../kubernetes/node-checks.ts'
import { yamlOf } from '../kubernetes/roles.ts'
import { type CheckedConfig, checkedConfig } from '../preflight.ts'
import { defaults } from '../settings/defaults.ts'
import { durationOf, usage } from '../settings/flag-text.ts'
import { namespaceOf } from '../settings.ts'
import { suggest } from '../suggest.ts'
import { templates } from '../templates/kinds.ts'
import { writeTemplate } from '../templates/write.ts'
import { version } from '../version.ts'
import { print } from './print.ts'

export interface TemplateFlags {
  readonly config?: readonly string[]
  readonly binary?: string
  readonly programImage?: string
  readonly namespace?: string
  readonly serviceAccount?: string
  readonly hostNetwork?: boolean
  readonly timeout?: string
}

/** `template`: a document in which another program runs this one. */
export const printTemplate = async (kind: string, args: readonly string[], flags: TemplateFlags, io: Io): Promise<number> => {
  const config = flags.config === undefined ? undefined : await checkedConfig(flags.config, io.stdin)
  await print(io.stdout, kind === 'daemonset' ? daemonSetText(args, flags, config) : templateText(kind, args, flags, config?.text))
  return 0
}

/** For `kubectl apply`: not another program's document, but what `--nodes` creates, to be kept. @throws PreflightError USAGE */
const daemonSetText = (args: readonly string[], flags: TemplateFlags, config: CheckedConfig | undefined): string => {
  if (config === undefined) throw usage('template daemonset: which Config? --config is missing.')
  return yamlOf(
    nodeCheckObjects({
      name: 'velero-plugin-preflight-nodes',
      image: flags.programImage ?? `velero-plugin-preflight:${version}`,
      veleroNamespace: namespaceOf(flags),
      secrets: config.secrets,
      config: config.text,
      arguments: ['--timeout', `${Math.ceil(durationOf('--timeout', flags.timeout ?? defaults.timeout) / 1000)}s`, ...args],
    }),
  )
}

/** @throws PreflightError USAGE */
export const templateText = (kind: string, args: readonly string[], flags: TemplateFlags, config: string | undefined): string => {
  const kinds = [...Object.keys(templates), 'daemonset']
  const template = Object.hasOwn(templates, kind) ? templates[kind] : undefined
  if (template === undefined) {
    const meant = suggest(kind, kinds)
    throw usage(`template ${kind}: it is one of ${kinds.join(', ')}.`, meant === undefined ? undefined : `Did you mean ${meant}?`)
  }
  const document = template({
    checks: Object.values(checks).map(({ kind, title }) => ({ kind, title })),
    config,
    binary: flags.binary ?? 'velero-plugin-preflight',
    image: flags.programImage ?? `velero-plugin-preflight:${version}`,
    namespace: namespaceOf(flags),
    serviceAccount: flags.serviceAccount,
    hostNetwork: flags.hostNetwork ?? false,
    timeoutMs: durationOf('--timeout', flags.timeout ?? defaults.timeout),
    arguments: args,
  })
  return writeTemplate(document)
}
