/** What a line of a page ends with, where that is not 0. */
export interface Ending {
  readonly page: string
  /** The whole line; with … at its end how it begins. */
  readonly line: string
  readonly exit: number
  /** In what it prints: that it is for this reason. */
  readonly says?: RegExp
  readonly why: string
}

const untrusted = { exit: 4, why: 'it names nobody to trust, which is a warn' }

const dropped = { exit: 4, says: /drops/, why: 'the admin console drops the plugins, which is a warn' }

export const endings: readonly Ending[] = [
  {
    page: 'README.md',
    line: 'velero-plugin-preflight run pre-upgrade…',
    ...dropped,
  },
  { page: 'docs/air-gap.md', line: 'velero-plugin-preflight run --airgap-bundle my-app.airgap', ...untrusted },
  { page: 'docs/checks/upgrade.md', line: 'velero-plugin-preflight run pre-upgrade…', ...untrusted, says: /UPGRADE|drops spec.extensions/ },
  {
    page: 'docs/checks/upgrade.md',
    line: 'velero-plugin-preflight run --config new-config.yaml --installed old-config.yaml…',
    exit: 4,
    says: /no cluster was read/,
    why: 'without a cluster what runs is not known, which is a warn',
  },
  {
    page: 'docs/checks/vulnerability.md',
    line: 'velero-plugin-preflight --config config.yaml --max-vulnerabilities critical=0 --scanner trivy',
    ...untrusted,
  },
  { page: 'docs/clusters.md', line: 'velero-plugin-preflight run…', ...untrusted },
  {
    page: 'docs/helm-values.md',
    line: 'velero-plugin-preflight values --config config.yaml --diff values.yaml',
    exit: 3,
    says: /initContainers/,
    why: 'the file differs',
  },
  {
    page: 'docs/helm-values.md',
    line: 'velero-plugin-preflight values --config config.yaml --from-cluster --diff',
    exit: 3,
    says: /initContainers/,
    why: 'the Velero of the tests differs',
  },
  { page: 'docs/local-images.md', line: 'velero-plugin-preflight run --config embedded-cluster-config.yaml…', ...untrusted },
  { page: 'docs/metrics.md', line: 'velero-plugin-preflight run --from-cluster…', ...untrusted },
  { page: 'docs/nodes.md', line: 'velero-plugin-preflight run --config config.yaml --hosts-dir…', ...untrusted },
  { page: 'docs/nodes.md', line: 'velero-plugin-preflight run --config config.yaml --node-settings…', ...untrusted },
  { page: 'docs/nodes.md', line: 'velero-plugin-preflight run --config config.yaml --license…', ...untrusted },
  { page: 'docs/reports.md', line: 'velero-plugin-preflight run…', ...untrusted },
  { page: 'docs/reports.md', line: 'velero-plugin-preflight analyze…', ...untrusted },
  {
    page: 'docs/support-bundles.md',
    line: 'velero-plugin-preflight run --bundle bundle.tar.gz --config new-config.yaml --checks upgrade',
    ...dropped,
  },
  { page: 'docs/operator-guide.md', line: 'velero-plugin-preflight run pre-upgrade…', ...dropped },
  { page: 'docs/testing.md', line: 'velero-plugin-preflight run pre-upgrade…', ...dropped },
  {
    page: 'docs/testing.md',
    line: 'velero-plugin-preflight run --config broken.yaml…',
    exit: 3,
    says: /FAIL {2}image/,
    why: 'it is broken on purpose',
  },
  {
    page: 'docs/vendor-guide.md',
    line: 'velero-plugin-preflight run --config config.yaml --image velero-postgresql=oci:out…',
    exit: 4,
    says: /was read from/,
    why: 'no registry was asked yet, as the page says',
  },
]

/** A line of a page that is not run here. */
export interface Elsewhere {
  readonly page: string
  /** As in {@link Ending}. */
  readonly line: string
  /** The suite that runs it, and what of the line stands in it; none: nobody runs it. */
  readonly by?: readonly [suite: string, words: RegExp]
  readonly why: string
}

const release = 'no release has been published'

export const elsewhere: readonly Elsewhere[] = [
  {
    page: 'docs/config-versions.md',
    line: 'velero-plugin-preflight conversion-webhook…',
    by: ['test/interop/conversion-webhook.test.ts', /conversion-webhook/],
    why: 'a server, which does not end',
  },
  { page: 'README.md', line: 'npm ci && npm start', by: ['test/end-to-end/run.test.ts', /demoWorld/], why: 'installs' },
  { page: 'README.md', line: 'npm ci && npm test', by: ['.ci/run', /npm ci && npm test/], why: 'it runs this' },
  { page: 'docs/testing.md', line: 'npm ci && npm test', by: ['.ci/run', /npm ci && npm test/], why: 'it runs this' },
  { page: 'docs/install.md', line: 'npm install --global…', why: release },
  { page: 'docs/install.md', line: 'sha256sum --check…', why: release },
  { page: 'docs/install.md', line: 'install -m 755…', why: 'changes the machine' },
  {
    page: 'docs/install.md',
    line: 'skopeo copy --all…',
    by: ['test/interop/troubleshoot-pods.test.ts', /'copy', '--quiet', '--all'/],
    why: 'needs skopeo and an image that takes minutes to build',
  },
  {
    page: 'docs/install.md',
    line: 'docker run…',
    why: 'needs a container engine; the image runs in test/interop/troubleshoot-pods.test.ts',
  },
  { page: 'docs/install.md', line: 'cosign verify-blob…', why: release },
  { page: 'docs/install.md', line: 'velero-plugin-preflight verify registry.example.com/tools/…', why: release },
  { page: 'docs/install.md', line: 'npm ci && npm test', by: ['.ci/run', /npm ci && npm test/], why: 'it runs this' },
  {
    page: 'docs/install.md',
    line: 'npm run build:binary',
    by: ['test/interop/stand-alone.ts', /'build:binary'/],
    why: 'takes minutes and the network',
  },
  {
    page: 'docs/install.md',
    line: 'npm run build:image',
    by: ['test/interop/stand-alone.ts', /'build:image'/],
    why: 'takes minutes and the network',
  },
  { page: 'docs/install.md', line: 'npm run test:interop', by: ['.ci/run', /test:interop/], why: 'takes an hour' },
  { page: 'docs/install.md', line: 'npm pack', why: 'the package is what `files` of package.json names' },
  {
    page: 'docs/reports.md',
    line: 'velero-plugin-preflight completion zsh >…',
    by: ['test/interop/completion.test.ts', /zsh/],
    why: 'its place is known to zsh alone',
  },
  {
    page: 'docs/security.md',
    line: 'cosign generate-key-pair',
    by: ['test/interop/cosign-cli.ts', /'generate-key-pair'/],
    why: 'needs cosign',
  },
  {
    page: 'docs/security.md',
    line: 'cosign sign --yes --key…',
    by: ['test/interop/cosign-cli.ts', /'sign', '--key'/],
    why: 'needs cosign',
  },
  {
    page: 'docs/security.md',
    line: 'cosign sign --yes "…',
    by: ['test/interop/keyless.test.ts', /'sign'/],
    why: 'needs cosign and a Sigstore',
  },
  { page: 'docs/security.md', line: 'cosign attest…', by: ['test/interop/attached.test.ts', /'attest'/], why: 'needs cosign' },
  { page: 'docs/security.md', line: 'notation sign…', by: ['test/interop/notation-cli.ts', /'sign'/], why: 'needs notation' },
  {
    page: 'docs/troubleshoot.md',
    line: 'preflight --interactive=false velero-plugins.yaml',
    by: ['test/interop/troubleshoot-host.test.ts', /run\(preflight, \['--interactive=false'/],
    why: "needs troubleshoot's preflight",
  },
  {
    page: 'docs/troubleshoot.md',
    line: 'VELERO_PLUGIN_PREFLIGHT_CONFIG=…',
    by: ['test/interop/troubleshoot-host.test.ts', /VELERO_PLUGIN_PREFLIGHT_CONFIG/],
    why: "needs troubleshoot's preflight",
  },
  { page: 'docs/vendor-guide.md', line: 'mkdir velero-acme…', why: 'the reader does so' },
  { page: 'docs/vendor-guide.md', line: 'go mod init…', by: ['test/interop/example-plugin.test.ts', /'mod', 'verify'/], why: 'needs Go' },
  {
    page: 'docs/vendor-guide.md',
    line: 'go get…',
    by: ['test/interop/example-plugin.test.ts', /'mod', 'verify'/],
    why: 'needs Go modules',
  },
  {
    page: 'docs/vendor-guide.md',
    line: 'examples/velero-postgresql/build…',
    by: ['test/interop/example-plugin.test.ts', /\/build`/],
    why: 'needs Go',
  },
  { page: 'docs/vendor-guide.md', line: 'crane push…', by: ['test/interop/velero-postgresql.test.ts', /crane/], why: 'needs crane' },
  { page: 'docs/vendor-guide.md', line: 'cosign sign…', by: ['test/interop/velero-postgresql.test.ts', /cosign/], why: 'needs cosign' },
  { page: 'docs/vendor-guide.md', line: 'notation sign…', by: ['test/interop/notation-cli.ts', /'sign'/], why: 'needs notation' },
  {
    page: 'examples/velero-postgresql/README.md',
    line: 'go test ./...',
    by: ['test/interop/example-plugin.test.ts', /\['test', /],
    why: 'needs Go',
  },
  {
    page: 'examples/velero-postgresql/README.md',
    line: './build out v1.0.0',
    by: ['test/interop/example-plugin.test.ts', /\/build`/],
    why: 'needs Go',
  },
  {
    page: 'examples/velero-postgresql/README.md',
    line: 'crane push…',
    by: ['test/interop/velero-postgresql.test.ts', /crane/],
    why: 'needs crane',
  },
  {
    page: 'examples/velero-postgresql/README.md',
    line: 'cosign sign…',
    by: ['test/interop/velero-postgresql.test.ts', /cosign/],
    why: 'needs cosign',
  },
  {
    page: 'docs/clusters.md',
    line: 'velero-plugin-preflight run --config config.yaml --from-cluster --nodes…',
    by: ['test/interop/nodes.test.ts', /'--nodes'/],
    why: 'needs nodes',
  },
]

/** The Secret of a page's Config, where its lines give Secrets; none: the image is for everybody. */
export const secretOf: Readonly<Record<string, string>> = {
  'README.md': 'acme-registry',
  'docs/security.md': 'acme',
  'docs/operator-guide.md': 'acme',
  'docs/vendor-guide.md': 'acme',
}
