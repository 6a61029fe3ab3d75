import { airgapCheck } from './analyzers/airgap/check.ts'
import type { Check } from './analyzers/analyzer.ts'
import { attestationCheck } from './analyzers/attestation/check.ts'
import { binariesCheck } from './analyzers/binaries/check.ts'
import { clusterCheck } from './analyzers/cluster/check.ts'
import { configCheck } from './analyzers/config/check.ts'
import { imageCheck } from './analyzers/image/check.ts'
import { nodesCheck } from './analyzers/nodes/check.ts'
import { pullSecretCheck } from './analyzers/pull-secret/check.ts'
import { signatureCheck } from './analyzers/signature/check.ts'
import { upgradeCheck } from './analyzers/upgrade/check.ts'
import { veleroCheck } from './analyzers/velero/check.ts'
import { vulnerabilityCheck } from './analyzers/vulnerability/check.ts'
import type { CheckKind } from './facts.ts'
import type { CodeDoc } from './outcome.ts'

/**
 * Every check, in the order of a report; the compiler asks for the one that is missing. What makes the checks is not among this, so
 * that it can be loaded when there is something to judge.
 */
export const checks: { readonly [K in CheckKind]: Check<K> } = {
  config: configCheck,
  cluster: clusterCheck,
  airgap: airgapCheck,
  image: imageCheck,
  pullSecret: pullSecretCheck,
  nodes: nodesCheck,
  binaries: binariesCheck,
  signature: signatureCheck,
  attestation: attestationCheck,
  vulnerability: vulnerabilityCheck,
  upgrade: upgradeCheck,
  velero: veleroCheck,
}

/** What any check says when it could not be made. */
export const commonCodes: Readonly<Record<string, CodeDoc>> = {
  FACT_MISSING: {
    status: 'fail',
    meaning: 'What the check needs was not collected.',
    remedy: 'Collect again with this check, with the same version of the program.',
  },
  FACT_ALTERED: {
    status: 'fail',
    meaning: 'Bytes in the bundle no longer have their digest: the bundle was redacted or changed.',
    remedy: 'Analyze the bundle as it was written, or collect again.',
  },
  INTERNAL: { status: 'fail', meaning: 'The check died of a defect of this program.', remedy: 'Report it with the output of --debug.' },
  OUTCOME_UNMATCHED: {
    status: 'fail',
    meaning: 'No outcome of the spec matched.',
    remedy: 'End the list of outcomes with one that has no `when`.',
  },
}
