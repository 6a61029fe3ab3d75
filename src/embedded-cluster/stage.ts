import type { ConfigFact, Gate } from '../facts/config.ts'

export interface StageSettings {
  /** How far the feature is, as the proposal has it; Embedded Cluster ships it always on: `ga`. */
  readonly stage: Gate['stage']
  /** VELERO_PLUGINS_ENABLED=true */
  readonly enabledByEnvironment: boolean
}

/**
 * The Configs as a cluster of this stage takes them: where the feature is off, without their plugins, so that nothing that reads
 * plugins sees any. What was done and why stays with each Config.
 */
export const atStage = (configs: readonly ConfigFact[], { stage, enabledByEnvironment }: StageSettings): readonly ConfigFact[] =>
  configs.map(config => {
    const off = stage === 'alpha' ? !enabledByEnvironment : stage === 'beta' && config.pluginsEnabled?.text === 'false'
    const gate: Gate = { stage, ...(off && { off: config.plugins.length }) }
    return { ...config, ...(stage === 'ga' ? {} : { gate }), ...(off && { plugins: [] }) }
  })
