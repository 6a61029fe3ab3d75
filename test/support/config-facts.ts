import type { AnalyzeInput, Judgement } from '../../src/analyzers/analyzer.ts'
import { config } from '../../src/analyzers/config.ts'
import { readConfigs } from '../../src/embedded-cluster/config.ts'
import type { ConfigFact } from '../../src/facts/config.ts'
import type { ConfigSchema } from '../../src/facts.ts'
import type { Finding } from '../../src/outcome.ts'

/** The Configs in a text, as if it were the file `c.yaml`. */
export const configFacts = (text: string): readonly ConfigFact[] =>
  readConfigs([{ file: 'c.yaml', bytes: Buffer.from(text), fromFolder: false }])

/** A Config whose plugins are these lines (`{name: a, image: v/a:1}`), with `more` lines of its spec. The first plugin is at 8:9. */
export const configOf = (plugins: readonly string[], more = ''): string =>
  `apiVersion: embeddedcluster.replicated.com/v1beta1
kind: Config
metadata: {name: c}
spec:
  extensions:
    velero:
      plugins:
${plugins.map(plugin => `      - ${plugin}\n`).join('')}${more}`

/** What the check `config` says of a text. */
export const judgeConfig = (text: string, schema: ConfigSchema): readonly Judgement[] => {
  const facts = configFacts(text)
  // The facts as they come back from a bundle.
  const input = { schema, read: () => JSON.parse(JSON.stringify(facts)) } satisfies Partial<AnalyzeInput> as unknown as AnalyzeInput
  return config.analyze(input)
}

export const findingsOf = (text: string, schema: ConfigSchema = 'embedded-cluster'): readonly Finding[] =>
  judgeConfig(text, schema).flatMap(({ findings }) => findings)
