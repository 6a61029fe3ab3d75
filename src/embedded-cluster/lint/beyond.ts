import { PreflightError } from '../../errors.ts'
import type { ConfigSchema } from '../../facts.ts'
import type { Finding } from '../../outcome.ts'
import { type ConfigFile, readConfigs } from '../config.ts'
import { configFindings } from '../config-findings.ts'
import { pluginFindings } from '../plugin-findings.ts'
import { schemaOf } from '../plugins.ts'
import { atStage, type StageSettings } from '../stage.ts'
import type { LintIssue } from './issue.ts'
import type { LintResult } from './lint-config.ts'

const source = 'velero-plugin-preflight' as const

export interface BeyondOptions {
  readonly schema: ConfigSchema
  readonly stage: StageSettings
}

/** What the check `config` finds beyond Embedded Cluster's linter: fails as errors, warns as warnings. */
export const beyond = (file: ConfigFile, theirs: LintResult | string, { schema: asked, stage }: BeyondOptions): LintResult => {
  try {
    const configs = atStage(readConfigs([file]), stage)
    const { schema } = schemaOf(configs, asked)
    const found = [
      ...configFindings(configs, asked).map(finding => issueOf(finding, fieldOf(finding.code))),
      ...configs.flatMap(config =>
        pluginFindings(config, schema).flatMap((findings, index) =>
          findings.map(finding => issueOf(finding, pluginField(finding.code, config.plugins[index]?.index ?? index))),
        ),
      ),
    ]
    const said = typeof theirs === 'string' ? [] : theirs.errors
    const issues = (status: Finding['status']) =>
      found.flatMap(([finding, issue]) => (finding.status === status && !isSaid(finding, issue, said) ? [issue] : []))
    return { errors: issues('fail'), warnings: issues('warn') }
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error
    const issue = { field: '', message: error.message, source, code: error.code }
    // A release has YAML of other kinds too, and `lint` is given all of it.
    return error.code === 'CONFIG_NOT_FOUND' ? { errors: [], warnings: [issue] } : { errors: [issue], warnings: [] }
  }
}

const issueOf = (finding: Finding, field: string): readonly [Finding, LintIssue] => [
  finding,
  { field, message: finding.message, source, code: finding.code },
]

/** The same mistake in its words. */
const theirWords: Readonly<Record<string, RegExp>> = {
  PLUGIN_NAME_MISSING: /^plugin name is required$/,
  PLUGIN_NAME_DUPLICATE: /^duplicate plugin name /,
  PLUGIN_IMAGE_MISSING: /^plugin image is required$/,
  PLUGIN_IMAGE_DUPLICATE: /^duplicate plugin image /,
  PLUGIN_IMAGE_INVALID: /^invalid image reference /,
  PLUGIN_IMAGE_LOCAL: /^invalid image reference /,
}

const isSaid = ({ code }: Finding, { field }: LintIssue, theirs: readonly LintIssue[]): boolean =>
  theirs.some(issue => issue.field === field && theirWords[code]?.test(issue.message) === true)

const pluginField = (code: string, index: number): string => {
  const plugin = `extensions.velero.plugins[${index}]`
  if (code.startsWith('PLUGIN_NAME_')) return `${plugin}.name`
  if (code.startsWith('PLUGIN_IMAGE_')) return `${plugin}.image`
  if (code.startsWith('PLUGIN_PULL_POLICY')) return `${plugin}.imagePullPolicy`
  return code.startsWith('PLUGIN_PULL_SECRET') ? `${plugin}.imagePullSecret` : plugin
}

const fieldOf = (code: string): string => {
  if (code.startsWith('CONFIG_OVERRIDE_')) return 'unsupportedOverrides.builtInExtensions[velero]'
  if (code.startsWith('CONFIG_PLUGINS_SWITCH')) return 'extensions.velero.pluginsEnabled'
  if (code.startsWith('CONFIG_PLUGINS_')) return 'extensions.velero.plugins'
  return code === 'CONFIG_VERSION_TOO_OLD' ? 'version' : ''
}
