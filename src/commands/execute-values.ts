import { stringify } from 'yaml'
import type { Io } from '../cli.ts'
import { usage } from '../settings/flag-text.ts'
import type { Flags, Settings } from '../settings.ts'
import { makeValues, type ValuesOptions, type ValuesResult } from '../values.ts'
import { collectLive, settle } from './execute.ts'
import { failedRun } from './output.ts'
import { print } from './print.ts'

export interface ValuesFlags extends Omit<Flags, 'platform' | 'format'> {
  readonly platform?: string
  readonly format?: 'yaml' | 'json'
  readonly proxyRegistryDomain?: string
  readonly diff?: string | true
}

/** `values`: what Helm gets, on standard output; what is wrong with the Config that it is made of, on standard error. */
export const values = async (flags: ValuesFlags, io: Io): Promise<number> => {
  const { format = 'yaml', platform, proxyRegistryDomain, diff, ...given } = flags
  const settings = settle({ ...given, format, ...(platform === undefined ? {} : { platform: [platform] }) }, [], io)
  const options = { proxyRegistryDomain: domainOf(proxyRegistryDomain), against: againstOf(diff, settings) }
  const { collection: made, early } = await collectLive(settings, io, (asked, live) => makeValues(asked, options, live))
  if (early !== undefined) return failedRun(early, settings, io)
  const fails = made.findings.filter(({ status }) => status === 'fail')
  const told = settings.quiet ? [] : made.findings.filter(({ status }) => status !== 'pass')
  for (const { status, code, message } of told) io.stderr.write(`${status} ${code} ${message}\n`)
  await print(io.stdout, format === 'json' ? `${JSON.stringify(made.differences ?? made.values, null, 2)}\n` : asYaml(made))
  return fails.length > 0 || (made.differences ?? []).length > 0 ? 3 : 0
}

/** A host, with its port: it is put into images as it stands. @throws PreflightError USAGE */
const domainOf = (text: string | undefined): string => {
  if (text === undefined || /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::\d{1,5})?$/.test(text)) return text ?? ''
  throw usage(`--proxy-registry-domain ${text}: it is a host such as registry.example.com.`)
}

const againstOf = (diff: string | true | undefined, { cluster }: Settings): ValuesOptions['against'] => {
  if (diff === undefined) return undefined
  if (diff !== true) return { file: diff }
  if (cluster !== undefined) return 'cluster'
  throw usage('--diff: with what? Name a values file, or add --from-cluster.')
}

/** As Helm reads YAML, by the rules of 1.1: `yes` and `010` are quoted. */
const asYaml = ({ values: made, images, architecture, differences }: ValuesResult): string => {
  if (differences !== undefined) return differences.length === 0 ? '# no difference\n' : differences.map(differenceText).join('')
  const head = `# As Embedded Cluster since ${images.since} hands them to Velero's chart, for ${architecture}; it adds proxy, certificates and node folders of the host.\n`
  return head + stringify(made, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })
}

const differenceText = ({ path, wanted, found }: NonNullable<ValuesResult['differences']>[number]): string =>
  [`${path}:\n`, ...(found === undefined ? [] : [`- ${found}\n`]), ...(wanted === undefined ? [] : [`+ ${wanted}\n`])].join('')
