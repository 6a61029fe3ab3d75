import { airgapCodes } from './analyzers/airgap/codes.ts'
import { attestationCodes } from './analyzers/attestation/codes.ts'
import { binariesCodes } from './analyzers/binaries/codes.ts'
import { clusterCodes } from './analyzers/cluster/codes.ts'
import { imageCodes } from './analyzers/image/codes.ts'
import { nodesCodes } from './analyzers/nodes/codes.ts'
import { pullSecretCodes } from './analyzers/pull-secret/codes.ts'
import { signatureCodes } from './analyzers/signature/codes.ts'
import { upgradeCodes } from './analyzers/upgrade/codes.ts'
import { veleroCodes } from './analyzers/velero/codes.ts'
import { vulnerabilityCodes } from './analyzers/vulnerability/codes.ts'
import { configCodes } from './embedded-cluster/codes.ts'
import type { CheckKind } from './facts.ts'
import type { CodeDoc } from './outcome.ts'
import { severities } from './predicates/vulnerability.ts'

/** What is said of a check wherever it is named: in specs, reports and documentation. */
export interface Check<K extends CheckKind = CheckKind> {
  /** The check: also the file, the spec key, and the fact where it has one of its own. */
  readonly kind: K
  /** Title of its results, without the plugin: `Image`, `Pull secret`. */
  readonly title: string
  /** Every code that it can give. */
  readonly codes: Readonly<Record<string, CodeDoc>>
  /** Every value that `when` may compare, with its meaning. */
  readonly values: Readonly<Record<string, string>>
}

/** Every check, in the order of a report; the compiler asks for the one that is missing. What makes them is loaded when there is something to judge. */
export const checks: { readonly [K in CheckKind]: Check<K> } = {
  config: {
    kind: 'config',
    title: 'Config',
    codes: configCodes,
    values: {
      fails: 'how many findings of this result are fails',
      warns: 'how many are warns',
      plugins: 'how many plugins the Config names',
      configs: 'how many Configs there are',
      schema: '`embedded-cluster` or `proposal`, as it was taken',
      image: "the plugin's image as the node is asked for it; empty for the Config as a whole",
    },
  },
  cluster: {
    kind: 'cluster',
    title: 'Cluster',
    codes: clusterCodes,
    values: {
      forbidden: 'how many calls RBAC does not allow',
      failed: 'how many calls failed otherwise',
      nodes: 'how many nodes there are; 0 when they were not asked for',
      platforms: 'those of the nodes, separated by commas',
      velero: 'whether the Deployment of Velero is there',
      installation: 'the name of the current Installation; empty when there is none',
    },
  },
  airgap: {
    kind: 'airgap',
    title: 'Air gap',
    codes: airgapCodes,
    values: {
      present: 'whether the image is among those that a node imports, under the name that it looks for',
      name: 'what the node looks for; empty when it is not known',
      digest: 'what the name points at; empty in a docker archive, or when there is none',
      elsewhere: 'whether it is in the bundle where no node gets it from',
      missingPlatforms: 'for how many of the required platforms it is not there whole',
      names: 'how many images can be imported from the bundle, by their names',
    },
  },
  image: {
    kind: 'image',
    title: 'Image',
    codes: imageCodes,
    values: {
      resolved: 'whether a node can pull the image on every required platform',
      found: 'whether anybody could read it: a node, anyone, or your own docker config',
      digest: 'what the reference points at; empty when it was not found',
      indexed: 'whether it is an index of several platforms',
      missingPlatforms: 'how many of the required platforms have no image that can be pulled',
      login:
        'with what it was read: anonymous, secret, node, license, dockerConfig, local (no registry was asked, or the air-gap bundle was read) or none',
    },
  },
  pullSecret: {
    kind: 'pullSecret',
    title: 'Pull secret',
    codes: pullSecretCodes,
    values: {
      named: 'whether the plugin names a pull secret',
      given: 'whether any Secrets were given to look in',
      found: 'whether the Secret that it names is there',
      matching: 'how many entries of the Secret cover the image',
      accepted: 'whether the registry gave the image to a login of the Secret',
      needed: 'whether the registry gives the image only with a login: yes, no or unknown',
    },
  },
  nodes: {
    kind: 'nodes',
    title: 'Nodes',
    codes: nodesCodes,
    values: {
      nodes: 'how many nodes were asked',
      silent: 'how many of them told nothing',
      failed: 'of a plugin: on how many nodes a check of it fails',
    },
  },
  binaries: {
    kind: 'binaries',
    title: 'Binaries',
    codes: binariesCodes,
    values: {
      read: 'whether all layers that can change the answer could be read, on every required platform',
      declared: 'whether any of that rests on tables of contents in the layers; then `read` is false, since a node does not look at them',
      copied: 'whether it is known what the image copies, and that this succeeds, on every required platform',
      plugins: 'how many files Velero would start, on the platform with the fewest',
      framework: "version of Velero's framework in the first plugin; empty when it is not known",
      layersBytes: 'compressed size of all layers, on the platform with the most',
    },
  },
  signature: {
    kind: 'signature',
    title: 'Signature',
    codes: signatureCodes,
    values: {
      verified: 'whether somebody whom the keys, the identity or the policies trust signed the image, as all of them want',
      signatures: 'how many signatures were found, of whatever worth',
      unreachable: 'how many places could not be asked, or signatures not be read',
    },
  },
  attestation: {
    kind: 'attestation',
    title: 'Attestation',
    codes: attestationCodes,
    values: {
      verified: 'whether every required attestation is there and verified',
      required: 'how many are required',
      missing: 'how many of them are not there, or do not count',
      attestations: 'how many were found, of whatever worth',
    },
  },
  vulnerability: {
    kind: 'vulnerability',
    title: 'Vulnerabilities',
    codes: vulnerabilityCodes,
    values: {
      judged: 'whether it is known of every required image what it has',
      ...Object.fromEntries(severities.map(severity => [severity, `how many are ${severity}, of the platform that has most`])),
      corrected: 'how many VEX takes out, of the platform that has most',
    },
  },
  upgrade: {
    kind: 'upgrade',
    title: 'Upgrade',
    codes: upgradeCodes,
    values: {
      change: 'of a plugin: added, unchanged, updated, downgraded, replaced, unknown or removed; empty for the upgrade as a whole',
      retagged: 'whether the registry has other bytes under the tag than the cluster',
      removed: 'how many plugins the upgrade removes',
      pullBytes: 'what the node that lacks most has to pull, compressed; -1 when it is not known',
      pullSeconds: 'how long that takes by the rate that was assumed; -1 when it is not known',
      velero: 'the Velero that the upgrade brings; empty when it is not known',
      veleroNow: 'the Velero that is there; empty when it is not known',
    },
  },
  velero: {
    kind: 'velero',
    title: 'Velero',
    codes: veleroCodes,
    values: {
      loaded: 'whether the plugin is registered in a server that runs',
      runs: 'whether the server runs and has done with starting plugins',
      server: 'its version as its log says; empty when it is not known',
      restarts: 'how often the server was started again in its pod',
    },
  },
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
