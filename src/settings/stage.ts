/** How far the feature is, as the proposal has it. Embedded Cluster ships it always on: `ga`. */
export const stages = ['alpha', 'beta', 'ga'] as const
export type Stage = (typeof stages)[number]
