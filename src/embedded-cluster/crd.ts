import { configShape } from './config-shape.ts'
import type { Shape } from './shape.ts'

type Schema = { readonly [key: string]: unknown }

const group = 'embeddedcluster.replicated.com'

/** Where an API server finds the webhook that converts. */
export type WebhookPlace =
  | { readonly url: string }
  | { readonly service: { readonly namespace: string; readonly name: string; readonly path: string; readonly port: number } }

export interface ConversionWebhook {
  readonly place: WebhookPlace
  /** PEM certificates of the authorities that the API server asks for; without them those of its own machine. */
  readonly caBundle: string | undefined
}

/**
 * The CustomResourceDefinition of the Config with both versions. They have the same fields, so that the API server converts by
 * itself: the strategy None changes the apiVersion and nothing else. With a webhook it asks that instead. Fields that the schema
 * does not know are kept, as a Config of a later Embedded Cluster may have them.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/
 */
export const configCrd = (webhook?: ConversionWebhook) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `configs.${group}` },
  spec: {
    group,
    scope: 'Cluster',
    names: { kind: 'Config', listKind: 'ConfigList', plural: 'configs', singular: 'config' },
    conversion: conversionOf(webhook),
    versions: (['v1beta1', 'v1'] as const).map(name => ({
      name,
      served: true,
      storage: name === 'v1beta1',
      subresources: { status: {} },
      schema: { openAPIV3Schema: configSchema() },
    })),
  },
})

const conversionOf = (webhook: ConversionWebhook | undefined) => {
  if (webhook === undefined) return { strategy: 'None' }
  const { place, caBundle } = webhook
  const clientConfig = { ...place, ...(caBundle === undefined ? {} : { caBundle: Buffer.from(caBundle).toString('base64') }) }
  return { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig } }
}

/** The API server has schemas of its own for these. */
const configSchema = (): Schema => {
  const { properties, ...rest } = schemaOf(configShape) as { readonly properties: Readonly<Record<string, Schema>> }
  return { ...rest, properties: { ...properties, metadata: { type: 'object' } } }
}

const scalars = {
  text: { type: 'string' },
  boolean: { type: 'boolean' },
  'whole number': { type: 'integer' },
  time: { type: 'string', format: 'date-time' },
  duration: { 'x-kubernetes-int-or-string': true },
} as const satisfies Readonly<Record<Extract<Shape, string>, Schema>>

const schemaOf = (shape: Shape): Schema => {
  if (typeof shape === 'string') return scalars[shape]
  if ('list' in shape) return { type: 'array', items: schemaOf(shape.list) }
  if ('mapping' in shape) return { type: 'object', additionalProperties: schemaOf(shape.mapping) }
  const properties = Object.fromEntries(Object.entries(shape.fields).map(([name, field]) => [name, schemaOf(field)]))
  return { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties, ...requiredOf(shape.go) }
}

/** EC 2.19 operator/config/crd/bases/embeddedcluster.replicated.com_configs.yaml */
const requiredOf = (go: string | undefined): Schema => {
  if (go === 'v1beta1.VeleroPlugin') return { required: ['image', 'name'] }
  return go === 'v1beta1.BuiltInExtension' ? { required: ['name', 'values'] } : {}
}
