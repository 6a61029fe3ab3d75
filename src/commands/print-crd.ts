import { stringify } from 'yaml'
import type { Io } from '../cli.ts'
import { type ConversionWebhook, configCrd, readCaBundle, type WebhookPlace } from '../convert.ts'
import { usage } from '../settings/flag-text.ts'
import { print } from './print.ts'

export interface CrdFlags {
  readonly conversion?: 'none' | 'webhook'
  readonly webhookService?: string
  readonly webhookUrl?: string
  readonly caBundle?: string
}

/** `crd`: the Config in both versions, as an API server serves it. */
export const printCrd = async (flags: CrdFlags, { stdout }: Io): Promise<number> => {
  const webhook = await webhookOf(flags)
  await print(stdout, stringify(configCrd(webhook), { lineWidth: 0, aliasDuplicateObjects: false }))
  return 0
}

const webhookOf = async ({ conversion, caBundle, ...flags }: CrdFlags): Promise<ConversionWebhook | undefined> => {
  if (conversion !== 'webhook') {
    const [unused] = Object.entries({ ...flags, caBundle }).filter(([, value]) => value !== undefined)
    if (unused === undefined) return undefined
    throw usage(
      `${unused[0].replace(/^|[A-Z]/g, letter => `-${letter === '' ? '-' : letter.toLowerCase()}`)} goes with --conversion webhook.`,
    )
  }
  const place = placeOf(flags)
  return { place, caBundle: caBundle === undefined ? undefined : await readCaBundle(caBundle) }
}

const path = '/convert'

const placeOf = ({ webhookService, webhookUrl }: Pick<CrdFlags, 'webhookService' | 'webhookUrl'>): WebhookPlace => {
  if (webhookService !== undefined && webhookUrl !== undefined)
    throw usage('--webhook-service and --webhook-url: the webhook is at one place.')
  if (webhookUrl !== undefined) return { url: urlOf(webhookUrl) }
  if (webhookService !== undefined) return { service: { ...serviceOf(webhookService), path } }
  throw usage('--conversion webhook: where is it? Name it with --webhook-service or --webhook-url.')
}

/** What the API server itself takes (apiserver/pkg/util/webhook/validation.go at Kubernetes 1.34). */
const urlOf = (text: string): string => {
  const url = URL.parse(text)
  const fits = url?.protocol === 'https:' && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (url === null || !fits) throw usage('--webhook-url: it is an https:// URL without a login, a query and a fragment.')
  return url.pathname === '/' ? new URL(path, url).href : url.href
}

const serviceOf = (text: string) => {
  const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
  const [, namespace, name, portText = '443'] = new RegExp(`^(${label})/(${label})(?::(\\d{1,5}))?$`).exec(text) ?? []
  const port = Number(portText)
  if (namespace === undefined || name === undefined || port < 1 || port > 65_535)
    throw usage(
      `--webhook-service ${text}: it is a namespace and a Service, such as velero/conversion-webhook or velero/conversion-webhook:8443.`,
    )
  return { namespace, name, port }
}
