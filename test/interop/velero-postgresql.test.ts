// peers: crane registry cosign notation etcd kube-apiserver kube-controller-manager kube-scheduler kubelet velero velero-plugin-for-aws versitygw
// packages: containerd runc containernetworking-plugins iproute2 openssl curl busybox-static skopeo apache2-utils postgresql-15 postgresql-client-15 pgbackrest
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { configText, report, type Scratch, scratch, secretText, verdicts } from '../support/command.ts'
import { buildIndex } from '../support/image-builder.ts'
import { type CosignCli, cosignCli, type KeyPair } from './cosign-cli.ts'
import { databaseObjects, folderVolume } from './database.ts'
import { auths, dockerSecret, freePorts, type KubeObject, namespace, type RealCluster, startNode } from './kubernetes.ts'
import { type NotationCli, notationCli } from './notation-cli.ts'
import { debian, needsRoot, peer, run, succeed } from './peers.ts'
import { endAll, temporaryFolder } from './processes.ts'
import { type RealRegistry, startDistribution } from './registries.ts'
import { type S3Server, startS3 } from './s3.ts'
import { buildExample, type ExamplePlugin, pluginWith, pusher, serverImage } from './velero-images.ts'
import {
  apiPort,
  applyNew,
  eventually,
  ourValues,
  podLog,
  podStatus,
  tarFile,
  tarNames,
  untilOver,
  untilVeleroWorks,
  veleroManifests,
  veleroSays,
} from './velero-server.ts'

const password = 'pw-of-acme'
const minutes = 60_000

describe('a PostgreSQL plugin from a private registry, signed, on a real Velero', () => {
  let registry: RealRegistry
  let s3: S3Server
  let example: ExamplePlugin
  let cosign: CosignCli
  let notation: NotationCli
  let pair: KeyPair
  let cluster: RealCluster
  let folder: Scratch
  let velero: string
  let port: number
  let login: string
  let push: ReturnType<typeof pusher>
  const image = (name: string, tag = 'v1') => `${registry.host}/acme/${name}:${tag}`

  before(async function () {
    needsRoot(this, 'run a node')
    velero = await peer(this, 'velero')
    const crane = await peer(this, 'crane')
    cosign = cosignCli(await peer(this, 'cosign'))
    notation = await notationCli(await peer(this, 'notation'))
    const aws = readFileSync(await peer(this, 'velero-plugin-for-aws'))
    for (const program of ['skopeo', 'psql', 'pgbackrest']) debian(this, program)
    example = await buildExample(this)
    registry = await startDistribution(this, { users: { acme: password } })
    s3 = await startS3(this, ['velero', 'pgbackrest'])
    port = await freePorts(1)
    folder = scratch()
    login = auths({ [registry.host]: `acme:${password}` })
    const docker = temporaryFolder('docker')
    writeFileSync(join(docker, 'config.json'), login)
    push = pusher(crane, docker)
    await push(example.layout, image('velero-postgresql'))
    await push(pluginWith('velero-plugin-for-aws', example.copier, { binary: aws }), image('velero-plugin-for-aws'))
    await push(serverImage(readFileSync(velero)), image('velero'))
    const archive = join(temporaryFolder('postgres'), 'image.tar')
    await succeed('sh', ['-c', `test/interop/postgres-image localhost/postgres:15 > '${archive}'`])
    const to = [`docker-archive:${archive}`, `docker://${image('postgres')}`]
    await succeed('skopeo', ['copy', '--quiet', '--dest-tls-verify=false', '--dest-creds', `acme:${password}`, ...to])

    pair = await cosign.generate()
    await sign('velero-postgresql')
    const digest = await digestOf('velero-postgresql')
    const notarized = await notation.sign(digest, 'jws', ['-u', 'acme', '-p', password])
    expect(notarized.code, notarized.stderr).to.equal(0)
    cluster = await startNode(this)
    this.timeout(15 * minutes)
    await deploy()
  })
  after(async function () {
    this.timeout(2 * minutes)
    folder?.remove()
    await endAll()
  })

  const plugin = (name = 'velero-postgresql', tag = 'v1') => ({
    name: 'velero-postgresql',
    image: image(name, tag),
    imagePullSecret: 'acme',
  })
  const digestOf = async (name: string): Promise<string> => {
    const inspected = await succeed('skopeo', [
      'inspect',
      '--raw',
      '--tls-verify=false',
      '--creds',
      `acme:${password}`,
      `docker://${image(name)}`,
    ])
    return `${image(name).replace(/:v1$/, '')}@${sha256(Buffer.from(inspected))}`
  }
  const sign = async (name: string, by = pair) => {
    const flags = ['--registry-username', 'acme', '--registry-password', password]
    const signed = await cosign.sign(by, await digestOf(name), flags)
    expect(signed.code, signed.stderr).to.equal(0)
  }

  /** Velero as our values have it, in a cluster that has nothing. */
  const deploy = async () => {
    const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: apiPort(cluster) }
    const args = ['--item-operation-sync-frequency=2s', '--backup-sync-period=5s', '--store-validation-frequency=5s']
    const config = folder.file('values-config.yaml', configText(plugin()))
    const manifests = await veleroManifests(cluster, {
      program: velero,
      image: image('velero'),
      bucket: 'velero',
      values: await ourValues(config, image('velero-plugin-for-aws')),
      s3,
      env,
      args: [...args, `--metrics-address=127.0.0.1:${await freePorts(1)}`, `--profiler-address=127.0.0.1:${await freePorts(1)}`],
    })
    await applyNew(cluster, [namespace('velero'), dockerSecret('velero', 'acme', login)])
    await applyNew(
      cluster,
      manifests.filter(({ kind }) => kind !== 'Namespace'),
    )
    await untilVeleroWorks(cluster, 5 * minutes)
  }

  const preflight = async (
    given: { readonly name?: string; readonly tag?: string; readonly pass?: string } = {},
    trust: readonly string[] = ['--key', pair.pub],
  ) => {
    const { name = 'velero-postgresql', tag = 'v1', pass = password } = given
    const config = folder.file('config.yaml', configText(plugin(name, tag)))
    const secrets = folder.file('secret.yaml', secretText('acme', registry.host, 'acme', pass))
    const flags = ['--platform', `linux/${process.arch === 'x64' ? 'amd64' : 'arm64'}`, '--velero-version', '1.18.3']
    const files = ['--config', config, '--secrets', secrets, ...trust]
    return report(['run', '--no-bundle', '--no-cache', '--schema', 'proposal', ...files, ...flags])
  }
  const rows = (text: string) =>
    run('psql', ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', text])
  const databaseIsReady = () =>
    eventually('the database', 5 * minutes, async () => {
      const pod = await podStatus(cluster, 'shop', 'db')
      return pod?.containers.some(({ ready }) => ready) && (await rows('select 1')).code === 0 ? true : undefined
    })
  const startVolume = async (name: string) => {
    const data = temporaryFolder(name)
    mkdirSync(data, { recursive: true })
    chownSync(data, 999, 999)
    await applyNew(cluster, [folderVolume(name, data)])
    return data
  }

  it('passes what can be checked before it is pushed, in the folder that its script wrote', async () => {
    const file = folder.file('config.yaml', configText({ name: 'velero-postgresql', image: image('velero-postgresql') }))
    const flags = ['--image', `velero-postgresql=oci:${example.layout}`, '--checks', 'config,image,binaries', '--velero-version', '1.18.3']
    const { json } = await report(['run', '--no-bundle', '--no-cache', '--schema', 'proposal', '--config', file, ...flags])
    expect(verdicts(json)).to.include('binaries velero-postgresql: pass BINARIES_OK')
    expect(json.fail).to.deep.equal([])
  })

  it('passes our pre-install run, by cosign', async () => {
    const { json, code, err } = await preflight()
    expect(code, err + JSON.stringify(json.fail) + JSON.stringify(json.warn)).to.equal(0)
    expect(verdicts(json)).to.include.members([
      'image velero-postgresql: pass IMAGE_RESOLVED',
      'pullSecret velero-postgresql: pass PULL_SECRET_OK',
      'binaries velero-postgresql: pass BINARIES_OK',
      'signature velero-postgresql: pass SIGNATURE_VERIFIED',
    ])
    expect(JSON.stringify(json)).to.contain('Velero framework v1.18.3')
  })

  it('passes it by notation', async () => {
    const { json, code } = await preflight({}, ['--trust-store', notation.folder])
    expect(code, verdicts(json).join('\n')).to.equal(0)
    expect(verdicts(json)).to.include('signature velero-postgresql: pass SIGNATURE_VERIFIED')
  })

  it('comes up in Velero, pulled with the secret', async () => {
    const pod = (await podStatus(cluster, 'velero', 'component=velero'))!
    const log = await podLog(cluster, 'velero', pod.name, 'velero')
    for (const name of ['postgresql-backup', 'postgresql-volume', 'postgresql-restore'])
      expect(log).to.match(new RegExp(`registering plugin.*command=/plugins/velero-postgresql.*name=example.com/${name}`))
  })

  it('is said to be loaded by our check of the running server', async () => {
    const file = folder.file('config.yaml', configText({ name: 'velero-postgresql', image: image('velero-postgresql') }))
    const flags = ['--from-cluster', '--kubeconfig', cluster.kubeconfig, '--checks', 'velero']
    const { json } = await report(['run', '--no-bundle', '--no-cache', '--schema', 'proposal', '--config', file, ...flags])
    expect(verdicts(json)).to.include('velero velero-postgresql: pass VELERO_PLUGIN_LOADED')
  })

  let rowsOfBackup: string
  it('backs the database up with pgBackRest, and leaves its volume out', async function () {
    this.timeout(12 * minutes)
    await startVolume('before')
    await applyNew(cluster, databaseObjects(image('postgres'), port, s3, login))
    await databaseIsReady()
    const made = await rows(
      `create table item as select id, md5(id::text) as name from generate_series(1, 20000) id; create index on item (name); delete from item where id % 7 = 0`,
    )
    expect(made.code, made.stderr).to.equal(0)
    rowsOfBackup = (await rows('select * from item order by id')).stdout
    expect(rowsOfBackup.split('\n').length).to.be.above(17_000)
    await eventually('the stanza', minutes, async () =>
      existsSync(join(s3.folder('pgbackrest'), 'shop/backup/main/backup.info')) ? true : undefined,
    )
    await applyNew(cluster, [
      {
        apiVersion: 'velero.io/v1',
        kind: 'Backup',
        metadata: { name: 'nightly', namespace: 'velero' },
        spec: { includedNamespaces: ['shop'], itemOperationTimeout: '10m' },
      } as KubeObject,
    ])
    const status = await untilOver(cluster, 'backups', 'nightly', 8 * minutes)
    expect(status, await veleroSays(cluster)).to.include({
      phase: 'Completed',
      backupItemOperationsAttempted: 1,
      backupItemOperationsCompleted: 1,
    })
    const log = await podLog(cluster, 'velero', (await podStatus(cluster, 'velero', 'component=velero'))!.name, 'velero')
    expect(log).to.match(/the backup of the database runs in the pod: pgbackrest --stanza=main .*--annotation=velero=/)
    const sets = readdirSync(join(s3.folder('pgbackrest'), 'shop/backup/main')).filter(name => /^\d{8}-\d{6}F$/.test(name))
    expect(sets).to.have.length(1)
    const archive = join(s3.folder('velero'), 'backups/nightly/nightly.tar.gz')
    const names = await tarNames(archive)
    expect(names.filter(name => name.includes('persistentvolumes/'))).to.deep.equal([])
    const claim = JSON.parse(await tarFile(archive, 'resources/persistentvolumeclaims/namespaces/shop/data.json')) as {
      spec: { volumeName?: string }
    }
    expect(claim.spec).to.not.have.property('volumeName')
    const again = await rows('insert into item values (-1, $$after the backup$$)')
    expect(again.code, again.stderr).to.equal(0)
  })

  it('brings every row back into a cluster that never had them', async function () {
    this.timeout(15 * minutes)
    await cluster.close()
    cluster = await startNode(this)
    this.timeout(15 * minutes)
    await deploy()
    const data = await startVolume('after')
    await eventually('the backup in the store', 2 * minutes, () =>
      cluster.call('GET', '/apis/velero.io/v1/namespaces/velero/backups/nightly'),
    )
    await applyNew(cluster, [
      {
        apiVersion: 'velero.io/v1',
        kind: 'Restore',
        metadata: { name: 'back', namespace: 'velero' },
        spec: { backupName: 'nightly', itemOperationTimeout: '10m' },
      } as KubeObject,
    ])
    const status = await untilOver(cluster, 'restores', 'back', 8 * minutes)
    expect(status, await veleroSays(cluster)).to.include({
      phase: 'Completed',
      restoreItemOperationsAttempted: 1,
      restoreItemOperationsCompleted: 1,
    })
    expect(existsSync(join(data, 'pgdata/velero-restore'))).to.equal(true)
    expect((await rows('select pg_is_in_recovery()')).stdout.trim()).to.equal('f')
    // Row for row, and nothing of what came after the backup.
    expect((await rows('select * from item order by id')).stdout).to.equal(rowsOfBackup)
  })

  describe('with one link broken', () => {
    interface Broken {
      readonly what: string
      readonly given: { readonly name?: string; readonly tag?: string; readonly pass?: string }
      /** What our run said before, for the plugin. */
      readonly said: string
      /** What then became of its init container. */
      readonly became: RegExp
    }
    const cases: readonly Broken[] = [
      {
        what: 'a tag that is not there',
        given: { tag: 'v9' },
        said: 'image velero-postgresql: fail IMAGE_NOT_FOUND',
        became: /ErrImagePull|ImagePullBackOff/,
      },
      {
        what: 'a wrong password in the secret',
        given: { pass: 'wrong' },
        said: 'pullSecret velero-postgresql: fail PULL_SECRET_REJECTED',
        became: /ErrImagePull|ImagePullBackOff/,
      },
      {
        what: 'another platform',
        given: { name: 'other-platform' },
        said: 'image velero-postgresql: fail IMAGE_PLATFORM_MISSING',
        became: /ErrImagePull|ImagePullBackOff/,
      },
      {
        what: 'a binary that the copier may not read',
        given: { name: 'other-mode' },
        said: 'binaries velero-postgresql: fail COPY_FAILS',
        became: /exit [^0]/,
      },
      {
        what: 'a signature by somebody else',
        given: { name: 'other-signer' },
        said: 'signature velero-postgresql: fail SIGNATURE_KEY_MISMATCH',
        became: /exit 0/,
      },
    ]
    const nameOf = (index: number) => `broken-${index}`

    before(async function () {
      this.timeout(10 * minutes)
      const { copier, binary } = example
      const foreign = process.arch === 'x64' ? 'linux/arm64' : 'linux/amd64'
      await push(buildIndex([pluginWith('velero-postgresql', copier, { binary, platform: foreign })]), image('other-platform'))
      await push(pluginWith('velero-postgresql', copier, { binary, mode: 0o600 }), image('other-mode'))
      // Of other bytes, so that nobody's signature of the good one is found.
      await push(pluginWith('velero-postgresql', copier, { binary }), image('other-signer'))
      for (const name of ['other-platform', 'other-mode']) await sign(name)
      await sign('other-signer', await cosign.generate())
      for (const [index, { given }] of cases.entries()) {
        const { name = 'velero-postgresql', tag = 'v1', pass = password } = given
        const at = nameOf(index)
        const volumes = [{ name: 'plugins', emptyDir: {} }]
        const mounts = [{ name: 'plugins', mountPath: '/target' }]
        const initContainers = [{ name: 'velero-postgresql', image: image(name, tag), imagePullPolicy: 'Always', volumeMounts: mounts }]
        const containers = [{ name: 'pause', image: 'localhost/pause:1', imagePullPolicy: 'Never' }]
        const spec = {
          hostNetwork: true,
          imagePullSecrets: [{ name: 'acme' }],
          volumes,
          initContainers,
          containers,
          terminationGracePeriodSeconds: 0,
        }
        await applyNew(cluster, [
          namespace(at),
          dockerSecret(at, 'acme', auths({ [registry.host]: `acme:${pass}` })),
          { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'velero', namespace: at }, spec } as KubeObject,
        ])
      }
    })

    for (const [index, { what, given, said, became }] of cases.entries())
      it(`names before what the node finds out later: ${what}`, async function () {
        this.timeout(5 * minutes)
        const { json, code } = await preflight(given)
        expect(code).to.equal(3)
        expect(
          verdicts(json).filter(line => line.startsWith(said)),
          verdicts(json).join('\n'),
        ).to.have.length(1)
        const seen = await eventually(`what became of ${what}`, 4 * minutes, async () => {
          const state = (await podStatus(cluster, nameOf(index), 'velero'))?.init[0]?.state
          const word = state?.waiting?.reason ?? (state?.terminated && `exit ${state.terminated.exitCode}`)
          return word !== undefined && !/PodInitializing|ContainerCreating/.test(word) ? word : undefined
        })
        expect(seen).to.match(became === cases[3]!.became ? /exit [^0]|CrashLoopBackOff/ : became)
      })
  })
})
