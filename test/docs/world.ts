import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { airgapBundle, containerdName, releaseArchive } from '../support/airgap.ts'
import {
  type ApiServer,
  accountObject,
  installationObject,
  kubeconfigOf,
  nodeObject,
  type Objects,
  secretObject,
  startApiServer,
} from '../support/api-server.ts'
import { configText, type Scratch, scratch, secretText } from '../support/command.ts'
import { fakeScanner } from '../support/fake-scanner.ts'
import { layoutFiles, refName, tarFiles } from '../support/local-images.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { trivyResult } from '../support/scans.ts'
import { archiveOf, supportBundle } from '../support/support-bundle.ts'
import { discovered, serverLines, veleroDeployment, veleroPod } from '../support/velero-objects.ts'
import { type Shell, startShell } from './shell.ts'
import { amd64, images, keySignature, name, pushPlugin, trustFiles } from './signed-plugin.ts'

/** What the pages speak of, all of it in order: a registry with a signed plugin, a cluster that runs it, and files. */
export interface World {
  readonly folder: Scratch
  readonly shell: Shell
  /** A line of a page with the places of this world in it. */
  here(line: string): string
  close(): Promise<void>
}

const password = 'planted-password-of-the-pages'
/** Of before the one that an upgrade brings. */
const earlier = <T>(object: T): T => JSON.parse(JSON.stringify(object).replaceAll('v1.18.3', 'v1.18.0'))
const log = earlier([...serverLines(`/plugins/${name}`), discovered, '']).join('\n')

/** @param secret of the Config, in pages where a line gives Secrets; the image is for everybody in the others */
export const startWorld = async (secret?: string): Promise<World> => {
  const registry = await startRegistry({
    auth: { scheme: 'bearer', users: { acme: { password } }, anonymous: secret === undefined ? [`acme/${name}`] : [] },
  })
  const server = await startApiServer()
  const folder = scratch()
  pushPlugin(registry)
  fillCluster(server, registry, secret)
  writeAll(folder.path, filesOf(registry, server, secret))
  // Into the folder of programs that the shell has.
  fakeScanner(folder.path, 'trivy', { print: trivyResult() })
  const shell = await startShell(folder.path, {
    KUBECONFIG: join(folder.path, 'kubeconfig'),
    GITHUB_STEP_SUMMARY: join(folder.path, 'summary.md'),
  })
  const places = [
    ['registry.example.com/acme/', `${registry.host}/acme/`],
    ['/etc/k0s/', `${folder.path}/etc/k0s/`],
    ['/mnt/node', `${folder.path}/node`],
    ['/var/lib/embedded-cluster/k0s/pki/admin.conf', 'kubeconfig'],
    ['/var/lib/node_exporter/', `${folder.path}/node_exporter/`],
  ] as const
  return {
    folder,
    shell,
    // On a node the flag stands alone.
    here: line =>
      places
        .reduce((text, [from, to]) => text.replaceAll(from, to), line)
        .replace(/--node-settings(?= |$)/, `--node-settings=${folder.path}/node`),
    close: async () => {
      await shell.close()
      await Promise.all([registry.close(), server.close()])
      folder.remove()
    },
  }
}

const objectsOf = (registry: TestRegistry, secret: string | undefined): Objects => {
  const image = `${registry.host}/acme/${name}:v1.0.0`
  const inits = [{ name, image }]
  const secrets = secret === undefined ? [] : [secret]
  return {
    'api/v1/nodes': [nodeObject('a')],
    'api/v1/namespaces/velero/secrets': secrets.map(one => secretObject(one, registry.host, `acme:${password}`)),
    'api/v1/namespaces/velero/serviceaccounts': ['velero-server', 'default', 'velero'].map(account => accountObject(secrets, account)),
    'apis/apps/v1/namespaces/velero/deployments': [earlier(veleroDeployment(inits))],
    'api/v1/namespaces/velero/pods': [earlier(veleroPod(inits))],
    'api/v1/namespaces/velero/events': [],
    'apis/embeddedcluster.replicated.com/v1beta1/installations': [
      installationObject('20260301', {
        config: { extensions: { velero: { plugins: [{ name, image }] } } },
        licenseInfo: { isDisasterRecoverySupported: true },
      }),
    ],
  }
}

const fillCluster = (server: ApiServer, registry: TestRegistry, secret: string | undefined): void => {
  server.put(objectsOf(registry, secret))
  server.fault('api/v1/namespaces/velero/pods/velero-1/log', { kind: 'answer', status: 200, body: log })
}

/** As Embedded Cluster makes it: the release in base64 at the end of a program. */
const installer = (release: Uint8Array): string =>
  `\x7fELF -----BEGIN APP RELEASE-----${Buffer.from(release).toString('base64')}-----END APP RELEASE-----`

const filesOf = (registry: TestRegistry, server: ApiServer, secret: string | undefined) => {
  const image = (version: string) => `${registry.host}/acme/${name}:${version}`
  const config = (version: string) =>
    configText({ name, image: image(version), ...(secret === undefined ? {} : { imagePullSecret: secret }) })
  const release = {
    'release.yaml': '# channel release object\nchannelID: "c1"\nappSlug: "my-app"\nversionLabel: "1.0.0"\n',
    'config.yaml': config('v1.0.0'),
  }
  const collected = [
    ...supportBundle(objectsOf(registry, secret)),
    { name: 'cluster-resources/pods/logs/velero/velero-1/velero.log', data: log },
  ]
  const secrets = secretText(secret ?? 'acme', registry.host, 'acme', password)
  const layout = layoutFiles({ image: images['v1.0.0'], more: refName('v1.0.0') })
  return {
    'config.yaml': config('v1.0.0'),
    'embedded-cluster-config.yaml': config('v1.0.0'),
    'old-config.yaml': config('v1.0.0'),
    'new-config.yaml': config('v1.1.0'),
    'release/config.yaml': config('v1.0.0'),
    'my-app': installer(releaseArchive(release)),
    'my-app-new': installer(releaseArchive({ ...release, 'config.yaml': config('v1.1.0') })),
    'my-app.airgap': airgapBundle({
      release,
      images: tarFiles(layoutFiles({ image: amd64, more: containerdName(image('v1.0.0')) }, { image: keySignature(amd64) })),
    }),
    'secrets.yaml': secrets,
    'secrets/acme.yaml': secrets,
    ...trustFiles(),
    'license.yaml': 'apiVersion: kots.io/v1beta1\nkind: License\nspec: {licenseID: planted-licence}\n',
    'values.yaml': 'initContainers: []\n',
    'dist/velero-postgresql.tar': tarFiles(layout),
    ...Object.fromEntries([...layout].map(([file, bytes]) => [`out/${file}`, bytes])),
    'support-bundle-2026-11-27T22_00_00.tar.gz': archiveOf(collected),
    'support-bundle.tar.gz': archiveOf(collected),
    'bundle.tar.gz': archiveOf(collected),
    kubeconfig: kubeconfigOf(server),
    'etc/k0s/containerd/certs.d/_default/hosts.toml': '',
    'node/etc/systemd/system/k0scontroller.service.d/http-proxy.conf': '[Service]\nEnvironment="NO_PROXY=127.0.0.1"\n',
    'node_exporter/textfile/other.prom': '',
    '.config/fish/completions/other.fish': '',
    'summary.md': '',
  }
}

const writeAll = (folder: string, files: Readonly<Record<string, string | Uint8Array>>): void => {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), content)
  }
}
