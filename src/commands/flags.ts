import { type Command, Option } from 'commander'
import { defaults } from '../settings/defaults.ts'

const repeat = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value]

const many = (flags: string, description: string) => new Option(flags, description).argParser(repeat)

/** How a Config is read. */
export const schemaFlags = (command: Command): Command =>
  command
    .option('--schema <schema>', `embedded-cluster, proposal or auto (default: ${defaults.schema})`)
    .option(
      '--stage <stage>',
      `alpha: plugins count with VELERO_PLUGINS_ENABLED=true alone; beta: unless the Config says pluginsEnabled: false; ga: always (default: ${defaults.stage})`,
    )

/** Which Config. */
const configFlag = (command: Command): Command =>
  command.addOption(
    many(
      '--config <file>',
      'Embedded Cluster Config: YAML, a folder of it, - for standard input; a release, an installer, an air-gap bundle or Installations that hold one (repeatable)',
    ),
  )

/** Which Config, how it is read, and what is read in place of its images. */
export const configFlags = (command: Command): Command =>
  schemaFlags(
    configFlag(command)
      .option('--installed <file>', 'compare with this Config or Installation, in place of the one that the cluster holds')
      .addOption(
        many(
          '--image <plugin=reference>',
          "read this plugin's image from a folder or archive instead of its registry, as before it is pushed: oci:FOLDER[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME:TAG] (repeatable)",
        ),
      )
      .option(
        '--airgap-bundle <path>',
        'read the images from this air-gap bundle, as nodes without a network have them: FILE.airgap, an archive of images, or the images folder of a node',
      ),
  )

/** Which Config and how it is read, where no image is looked at. */
export const configAloneFlags = (command: Command): Command => schemaFlags(configFlag(command))

/** Which cluster, where one is read. */
export const clusterFlags = (command: Command): Command =>
  command
    .option('--from-cluster', 'read the cluster: its nodes, its pull secrets, and without --config the installed Config; changes nothing')
    .option(
      '--server-status',
      'with --from-cluster: also ask the Velero that runs which plugins it has; creates a ServerStatusRequest in its namespace and removes it again',
    )
    .option('--kubeconfig <file>', 'which cluster: as for kubectl (default: KUBECONFIG, then .kube/config in your home folder)')
    .option('--context <name>', 'context of the kubeconfig (default: the current one)')
    .option(
      '--nodes',
      'with --from-cluster: have every node check for itself; creates a DaemonSet in a namespace of its own, and removes it',
    )
    .option('--node-image <image>', 'the image of this program that the nodes run')
    .option('-n, --namespace <name>', `namespace of Velero and its pull secrets (default: ${defaults.namespace})`)

/** Logins, and for which platforms. */
export const loginFlags = (command: Command): Command =>
  clusterFlags(command.addOption(many('--secrets <path>', 'Secret manifests: a file or a folder (repeatable)')))
    .option(
      '--docker-config <file>',
      "your own docker config.json, which nodes do not have: lets the other checks go on where kubelet's logins fail",
    )
    .option('--license <file>', "a customer's licence: the login of Replicated's proxy (proxy.replicated.com, or your proxyRegistryDomain)")
    .addOption(
      many('--platform <os/arch>', `platform of the nodes (repeatable; default: those of the cluster's nodes, else ${defaults.platform})`),
    )

/** How registries are reached. */
export const networkFlags = (command: Command): Command =>
  command
    .addOption(many('--ca-file <file>', 'PEM certificates to trust beside those of the system (repeatable)'))
    .addOption(many('--plain-http <host>', 'use HTTP for this registry (repeatable; loopback needs no flag)'))
    .addOption(many('--insecure-skip-tls-verify <host>', "do not verify this registry's certificate (repeatable)"))
    .addOption(many('--allow-realm <host>', 'send registry logins to this token server too (repeatable)'))
    .option('--hosts-dir <dirs>', "folders with a node's hosts.toml files, separated by : (default: those of k0s, when this is a node)")
    .option('--node-settings [dir]', 'proxies and authorities as a node of Embedded Cluster has them; its root folder (default: /)')
    .option('--offline', 'make no request beyond registries and the cluster, and have a scanner make none for its database')
    .option('--request-timeout <duration>', 'for one request to connect, to begin to answer, and to go on (default: 10s, 30s, 30s)')
    .option('--timeout <duration>', `for the whole run (default: ${defaults.timeout})`)

/** What collectors reach, and how. */
export const sourceFlags = (command: Command): Command =>
  networkFlags(loginFlags(command))
    .option('--cache-dir <dir>', 'where layers that were read are remembered (default: velero-plugin-preflight in your cache folder)')
    .option('--scanner <program>', 'look for vulnerabilities with trivy or grype, which must be on the PATH')
    .option('--prove', 'read every layer, also those that cannot change the answer or say themselves what they hold')
    .option('--no-cache', 'remember nothing, and use nothing remembered')

/** Whom to trust: names as cosign and notation have them. */
export const trustFlags = (command: Command): Command =>
  policyFlag(command)
    .addOption(many('--key <file>', 'public key whose cosign signatures are trusted (repeatable: any one suffices)'))
    .option('--certificate-identity <name>', 'signer that a certificate must name: an address, a workflow; with its issuer')
    .option('--certificate-identity-regexp <pattern>', 'the same as a regular expression of Go; put it between ^ and $')
    .option('--certificate-oidc-issuer <url>', 'who vouches for the identity')
    .option('--certificate-oidc-issuer-regexp <pattern>', 'the same as a regular expression of Go; put it between ^ and $')
    .option('--insecure-ignore-sct', 'take certificates that no certificate log has seen; the report warns')
    .option('--trusted-root <file>', 'trusted_root.json of the Sigstore that signs (default: a cached one, or the public one that ships)')
    .option('--trust-store <dir>', "notation's folder of trust stores; without a trust policy: every image must be signed by one of them")
    .addOption(many('--crl <path>', 'revocation lists for notation: a file, a folder, or the folder crl of its cache (repeatable)'))
    .option('--require-signatures', 'fail on plugins that nobody trusted has signed')

/** Of which policies, and where they say that signatures are kept. */
export const policyFlag = (command: Command): Command =>
  command.addOption(
    many('--policy <file>', 'ClusterImagePolicy or trustpolicy.json of notation (repeatable: all that speak of an image must hold)'),
  )

/** What may be asked beside registries and cluster. */
export const refreshFlags = (command: Command): Command =>
  command
    .option('--refresh-trusted-root', 'ask the TUF repository of Sigstore for its newest trusted root, as cosign initialize does')
    .option('--tuf-mirror <url>', 'another repository to ask (default: the public one)')
    .option('--tuf-root <file>', 'the first root.json of that repository, got by a way that you trust')

/** What must be attested. */
export const attestationFlags = (command: Command): Command =>
  command
    .addOption(
      many(
        '--require-attestation <type>',
        "an attestation that every plugin must have, by somebody who is trusted: a type of cosign's (slsaprovenance1, spdxjson, cyclonedx, vuln, openvex, …) or a URI (repeatable)",
      ),
    )
    .option('--builder-id <id>', 'who must have built the plugins, as their SLSA provenance says; without @…, any version of it')
    .option('--source-uri <uri>', 'from which repository they must have been built, as in github.com/acme/plugin')

/** For what is judged, and what is taken. */
export const judgeFlags = (command: Command): Command =>
  attestationFlags(command)
    .option('--max-vulnerabilities <list>', 'how many are taken of a severity, as in critical=0,high=3, by an attested report or --scanner')
    .option('--max-report-age <age>', 'warn of a report whose scan ended earlier, as in 7d')
    .option('--velero-version <version>', 'the Velero that will run the plugins')
    .option('--ec-version <version>', 'the Embedded Cluster version, which brings its Velero')
    .option('--pull-rate <rate>', 'how fast nodes pull images, for the check upgrade: 10MB, 80Mbit (a second; default: 5MB)')
    .addOption(many('--accept <code>', 'take a known warn: CODE[@PLUGIN][=YYYY-MM-DD] (repeatable)'))
    .option('--at <time>', 'judge for this time (default: the time of the collection)')

/** Its name is that of `--no-bundle`, which says something else. */
export const bundleFlag = (command: Command): Command => {
  const option = new Option(
    '--bundle <path>',
    'read a support bundle in the place of a cluster, a .tar.gz file or a folder; judges again what run or collect put into it; writes no bundle',
  )
  option.attributeName = () => 'fromBundle'
  return command.addOption(option)
}

export const checkFlags = (command: Command): Command =>
  command.addOption(many('--checks <list>', 'only these checks, separated by commas (default: those of the spec)'))

/** Commands whose `--output` is the file of the report; elsewhere it is another file, which no error may replace. */
const reporting = new WeakSet<Command>()

export const writesReport = (command: Command): boolean => reporting.has(command)

/** The report's file. */
export const outputFlag = (command: Command): Command => {
  reporting.add(command)
  return command.option('-o, --output <file>', 'write the report to this file instead of standard output')
}

/** For whoever watches runs. */
export const metricsFlag = (command: Command): Command =>
  command.option('--metrics-file <file>', "write how the run went for Prometheus, as node_exporter's textfile collector reads it (*.prom)")

/** How the report looks, and what is said besides. */
export const reportFlags = (command: Command): Command =>
  command
    .option(
      '--format <format>',
      `human, json, yaml, junit, sarif, markdown, html, or troubleshoot for its textAnalyze (default: ${defaults.format})`,
    )
    .option('-v, --verbose', 'the evidence of passes too, in the human report')
    .option('-q, --quiet', 'no progress on standard error')
    .option('--debug', 'requests and causes of errors on standard error, without secrets')
    // troubleshoot's preflight has it; this program never asks anything
    .addOption(new Option('--interactive [value]').choices(['true', 'false']).hideHelp())
