import { PreflightError } from '../errors.ts'
import type { Plugin } from '../facts/fact.ts'
import type { Collection } from '../facts.ts'
import { printable } from '../redact.ts'
import type { SpecAnalyzer } from '../spec.ts'

/** Why there is none. */
export const noConfig = ({ facts }: Collection): PreflightError => {
  const cluster = facts.cluster?.[0]
  const unread = cluster?.calls.find(({ call, ok }) => !ok && (call === 'installations' || call === 'configSecret'))
  const why =
    unread?.ok === false
      ? unread.message
      : cluster?.installation === undefined
        ? 'The cluster has no Installation of Embedded Cluster, as far as the bundle tells.'
        : `The Installation ${printable(cluster.installation.name, 80)} holds none.`
  return new PreflightError('CONFIG_NOT_FOUND', `There is no --config, and the bundle holds no Config. ${why}`, {
    hint: 'Give the Config with --config.',
  })
}

/**
 * That there is no plugin is a result too: one pass, whatever was asked; but there may have been some. Without a Config it is not
 * known whether there are any, and no pass.
 */
export const analyzersWith = (
  { facts }: Collection,
  plugins: readonly Plugin[],
  asked: readonly SpecAnalyzer[],
): readonly SpecAnalyzer[] => {
  if (plugins.length > 0) return asked
  const config: SpecAnalyzer = { kind: 'config', exclude: false, strict: false }
  const also = facts.config?.length === 0 ? ['cluster', 'velero'] : ['upgrade']
  return [config, ...asked.filter(({ kind }) => also.includes(kind))]
}
