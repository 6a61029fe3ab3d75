import { toJsonSchema } from '@valibot/to-json-schema'
import { configSchema, configV1Schema, reportSchema, specSchema, verificationSchema } from './schemas.ts'

const schemas = {
  spec: specSchema,
  report: reportSchema,
  verification: verificationSchema,
  config: configSchema,
  'config-v1': configV1Schema,
}

const titles = {
  spec: 'velero-plugin-preflight: a spec',
  report: 'velero-plugin-preflight: what --format json and yaml write',
  verification: 'velero-plugin-preflight: what verify --format json and yaml write',
  config: 'Embedded Cluster Config, as far as Velero plugins go',
  'config-v1': 'Embedded Cluster Config of v1, as far as Velero plugins go',
} as const

const lineWidth = 140

/** Lists of words in one line where they fit, as the formatter has them. */
const formatted = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(
    /^(.*)\[\n((?: +"[^"\n]*",?\n)+) +\](,?)$/gm,
    (whole, before: string, words: string, after: string) => {
      const line = `${before}[${words.trim().split(/\n +/).join(' ')}]${after}`
      return line.length <= lineWidth ? line : whole
    },
  )

/** The JSON schemas that ship, by path from the project's root. */
export const generateSchemas = (): ReadonlyMap<string, string> =>
  new Map(
    (['config', 'config-v1', 'report', 'spec', 'verification'] as const).map(name => {
      const { $schema, ...rest } = toJsonSchema(schemas[name], { target: 'draft-07' })
      return [`specs/schema/${name}.json`, `${formatted({ $schema, title: titles[name], ...rest })}\n`] as const
    }),
  )
