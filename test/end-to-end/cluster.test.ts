import { expect } from 'chai'
import {
  type ApiServer,
  accountObject,
  deploymentObject,
  installationObject,
  kubeconfigOf,
  nodeObject,
  secretObject,
  startApiServer,
} from '../support/api-server.ts'
import { command, configText, report, type Scratch, scratch, secretText, verdicts } from '../support/command.ts'
import { buildIndex, pluginImage } from '../support/image-builder.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

const secrets = 'api/v1/namespaces/velero/secrets'
const accounts = 'api/v1/namespaces/velero/serviceaccounts'
const deployments = 'apis/apps/v1/namespaces/velero/deployments'
const installations = 'apis/embeddedcluster.replicated.com/v1beta1/installations'
const password = 'planted-password-7'

describe('a run with --from-cluster', () => {
  let registry: TestRegistry
  let server: ApiServer
  let folder: Scratch
  let kubeconfig: string
  before(async () => {
    registry = await startRegistry({ auth: { scheme: 'bearer', users: { bob: { password } }, anonymous: ['open'] } })
    registry.push('private', 'v1', pluginImage({ name: 'private' }))
    registry.push('open', 'v1', pluginImage({ name: 'open' }))
    registry.push('both', 'v1', buildIndex([pluginImage({ name: 'both' }), pluginImage({ name: 'both', platform: 'linux/arm64' })]))
  })
  after(() => registry.close())
  beforeEach(async () => {
    server = await startApiServer()
    folder = scratch()
    kubeconfig = folder.file('kubeconfig', kubeconfigOf(server))
    server.put({
      'api/v1/nodes': [nodeObject('a')],
      [secrets]: [secretObject('regcred', registry.host, `bob:${password}`), secretObject('other', 'quay.io', `bob:${password}`)],
      [accounts]: [accountObject()],
    })
  })
  afterEach(async () => {
    folder.remove()
    await server.close()
  })

  const image = (name: string) => `${registry.host}/${name}:v1`
  const config = (name = 'private', imagePullSecret: string | undefined = 'regcred') =>
    folder.file('config.yaml', configText({ name, image: image(name), ...(imagePullSecret === undefined ? {} : { imagePullSecret }) }))
  const run = (...argv: readonly string[]) =>
    report(['run', '--no-bundle', '--no-cache', '--schema', 'proposal', '--from-cluster', '--kubeconfig', kubeconfig, ...argv])
  const findings = ({ json }: Awaited<ReturnType<typeof run>>) =>
    [...json.fail, ...json.warn, ...json.pass].flatMap(result =>
      result.findings.map(({ code, message }) => ({ code, message, check: result.check })),
    )
  const messageOf = (ran: Awaited<ReturnType<typeof run>>, code: string) => findings(ran).find(found => found.code === code)?.message ?? ''

  it('passes before an install, with the secret that the plugin names', async () => {
    const ran = await run('--config', config(), '--checks', 'image,pullSecret')
    expect(verdicts(ran.json), ran.err).to.deep.equal([
      'cluster -: pass CLUSTER_READ',
      'image private: pass IMAGE_RESOLVED',
      'pullSecret private: pass PULL_SECRET_OK',
    ])
    expect(server.asked).to.have.members([
      'api/v1/nodes?limit=100',
      `${installations}?limit=100`,
      `${deployments}/velero`,
      `${secrets}/regcred`,
    ])
  })

  for (const [what, pod, account] of [
    ['the pod refers to', ['regcred'], []],
    ['its service account refers to', [], ['regcred']],
  ] as const)
    it(`passes once Velero runs, with a secret that ${what}`, async () => {
      server.put({ [deployments]: [deploymentObject(pod)], [accounts]: [accountObject(account)] })
      const { json } = await run('--config', config(), '--checks', 'image,pullSecret')
      expect(verdicts(json)).to.include.members(['image private: pass IMAGE_RESOLVED', 'pullSecret private: pass PULL_SECRET_OK'])
    })

  for (const [what, pod, account, value] of [
    ['nobody refers to', [], [], '[regcred]'],
    ['only others stand beside', ['other'], [], '[other, regcred]'],
    ['its service account has in vain', ['other'], ['regcred'], '[other, regcred]'],
  ] as const)
    it(`fails once Velero runs, with a secret that ${what}, and gives the Helm value`, async () => {
      server.put({ [deployments]: [deploymentObject(pod)], [accounts]: [accountObject(account)] })
      const ran = await run('--config', config())
      expect(verdicts(ran.json)).to.include.members([
        'image private: fail IMAGE_SECRET_NOT_IN_POD',
        'pullSecret private: fail PULL_SECRET_NOT_IN_POD',
        'binaries private: pass BINARIES_OK',
      ])
      expect(ran.code).to.equal(3)
      expect(messageOf(ran, 'PULL_SECRET_NOT_IN_POD')).to.contain(`Set the Helm value image.imagePullSecrets of Velero to ${value}`)
      // What is to be said of the secret itself is said all the same.
      expect(messageOf(ran, 'PULL_SECRET_OK')).to.contain('the registry gives')
    })

  it('takes what the override of the Config will add to the pod', async () => {
    server.put({ [deployments]: [deploymentObject()] })
    const text = `${configText({ name: 'private', image: image('private'), imagePullSecret: 'regcred' }).replace(
      /spec: \{/,
      "spec: {unsupportedOverrides: {builtInExtensions: [{name: velero, values: '{image: {imagePullSecrets: [regcred]}}'}]}, ",
    )}`
    const { json } = await run('--config', folder.file('config.yaml', text), '--checks', 'image,pullSecret')
    expect(verdicts(json)).to.include('pullSecret private: pass PULL_SECRET_OK')
  })

  it('finds that a public image needs no secret that does not reach the pod, and still says so', async () => {
    server.put({ [deployments]: [deploymentObject()] })
    const ran = await run('--config', config('open'), '--checks', 'image,pullSecret')
    expect(verdicts(ran.json)).to.include.members(['image open: pass IMAGE_RESOLVED', 'pullSecret open: fail PULL_SECRET_NOT_IN_POD'])
    expect(messageOf(ran, 'PULL_SECRET_NOT_IN_POD')).to.contain('the node pulls')
  })

  it('judges with the pod’s secrets although the plugin names none', async () => {
    server.put({ [deployments]: [deploymentObject(['regcred'])] })
    const { json } = await run('--config', config('private', ''), '--checks', 'image,pullSecret')
    expect(verdicts(json)).to.include.members(['image private: pass IMAGE_RESOLVED', 'pullSecret private: pass PULL_SECRET_OF_POD'])
  })

  it('takes a file in place of the secret of the same name, and says so', async () => {
    const file = folder.file('s.yaml', secretText('regcred', registry.host, 'bob', 'wrong-password'))
    const ran = await run('--config', config(), '--secrets', file, '--checks', 'image,pullSecret')
    expect(verdicts(ran.json)).to.include('pullSecret private: fail PULL_SECRET_REJECTED')
    expect(messageOf(ran, 'CLUSTER_SECRETS_FROM_FILES')).to.contain('velero/regcred: taken from the files of --secrets')
    expect(server.asked.filter(path => path.startsWith(secrets))).to.deep.equal([])
  })

  it('needs the platforms of all nodes, and says where they come from', async () => {
    server.put({ 'api/v1/nodes': [nodeObject('a'), nodeObject('b', 'linux/arm64', false), nodeObject('w', 'windows/amd64')] })
    const ran = await run('--config', config('both'), '--checks', 'image')
    expect(messageOf(ran, 'CLUSTER_PLATFORMS')).to.contain("those of the cluster's 3 nodes: linux/amd64 (1), linux/arm64 (1); without 1")
    expect(messageOf(ran, 'IMAGE_RESOLVED')).to.contain('for linux/amd64, linux/arm64')
    const single = await run('--config', config('private'), '--checks', 'image')
    expect(verdicts(single.json).join()).to.contain('image private: warn IMAGE_PLATFORM_MISMATCH')
    const given = await run('--config', config('both'), '--checks', 'image', '--platform', 'linux/arm64')
    expect(messageOf(given, 'CLUSTER_PLATFORMS')).to.contain('those of --platform: linux/arm64')
    expect(messageOf(given, 'IMAGE_RESOLVED')).to.contain(`for linux/arm64;`)
    server.put({ 'api/v1/nodes': [] })
    expect(messageOf(await run('--config', config(), '--checks', 'image'), 'CLUSTER_PLATFORMS_ASSUMED')).to.contain(
      'the cluster has no node',
    )
  })

  for (const [path, words, role] of [
    ['api/v1/nodes', 'list nodes in the cluster as a whole', /kind: ClusterRole[\s\S]*resources: \[nodes\]\s+verbs: \[list\]/],
    [
      installations,
      'list installations of the API group embeddedcluster.replicated.com in the cluster as a whole',
      /resources: \[installations\]/,
    ],
    [deployments, 'get deployments of the API group apps (velero) in the namespace velero', /kind: Role\n[\s\S]*resourceNames: \[velero\]/],
    [accounts, 'get serviceaccounts (velero-server) in the namespace velero', /resources: \[serviceaccounts\]/],
    [secrets, 'get secrets (regcred) in the namespace velero', /resources: \[secrets\]\s+resourceNames: \[regcred\]/],
  ] as const)
    it(`fails when RBAC does not allow to ${words}, and prints the role`, async () => {
      server.put({ [deployments]: [deploymentObject(path === accounts ? [] : ['regcred'])] })
      server.forbid(path)
      const ran = await run('--config', config(), '--checks', 'image,pullSecret')
      expect(verdicts(ran.json)).to.include('cluster -: fail CLUSTER_CALL_FORBIDDEN')
      expect(ran.json.fail.flatMap(result => result.findings).filter(({ code }) => code === 'CLUSTER_CALL_FORBIDDEN')).to.have.length(1)
      expect(messageOf(ran, 'CLUSTER_CALL_FORBIDDEN')).to.contain(`RBAC does not allow this login to ${words}`)
      const evidence = ran.json.fail.flatMap(result => result.findings).flatMap(found => found.evidence ?? [])
      expect(evidence.join('\n')).to.match(role)
      // Where it is not known what the pod has, nothing that needs it is a pass.
      const known = path !== deployments && path !== accounts && path !== secrets
      expect(verdicts(ran.json).join().includes('pullSecret private: pass')).to.equal(known)
      expect(verdicts(ran.json).join().includes('image private: pass')).to.equal(known)
      expect(ran.code).to.equal(3)
    })

  it('does not say that a secret is missing which it may not read', async () => {
    server.forbid(secrets)
    const ran = await run('--config', config(), '--checks', 'image,pullSecret')
    expect(verdicts(ran.json)).to.include('pullSecret private: fail PULL_SECRET_UNREAD')
    expect(verdicts(ran.json).join()).to.not.contain('image private: pass')
    const open = await run('--config', config('open'), '--checks', 'image,pullSecret')
    expect(verdicts(open.json)).to.include.members(['image open: warn IMAGE_LOGIN_UNKNOWN', 'pullSecret open: fail PULL_SECRET_UNREAD'])
  })

  it('tells a secret that is not there from one that is', async () => {
    const { json } = await run('--config', config('private', 'absent'), '--checks', 'image,pullSecret')
    expect(verdicts(json)).to.include('pullSecret private: fail PULL_SECRET_NOT_FOUND')
  })

  it('fails once when the API server cannot be reached, checks what it can, and is not held up', async () => {
    await server.close()
    const ran = await run('--config', config('open', ''), '--checks', 'image')
    expect(verdicts(ran.json)).to.have.members(['cluster -: fail CLUSTER_CALL_FAILED', 'image open: warn IMAGE_LOGIN_UNKNOWN'])
    expect(ran.json.fail[0]?.findings).to.have.length(1)
    server = await startApiServer()
  })

  it('is ended by --timeout when the API server is silent', async () => {
    for (const path of ['api', 'apis']) server.fault(path, { kind: 'hang' })
    const ran = await run('--config', config(), '--timeout', '1s')
    expect(ran.code).to.equal(1)
    expect(ran.json.fail.map(({ code }) => code)).to.include('TIMED_OUT')
  })

  it('gives a silent API server no longer than --request-timeout', async () => {
    for (const path of ['api', 'apis']) server.fault(path, { kind: 'stall', afterBytes: 3 })
    const ran = await run('--config', config('open'), '--checks', 'image', '--request-timeout', '300ms')
    expect(verdicts(ran.json)).to.include.members(['cluster -: fail CLUSTER_CALL_FAILED', 'image open: warn IMAGE_LOGIN_UNKNOWN'])
    // What did not answer is not asked once more for each Secret.
    expect(server.asked.filter(path => path.startsWith(secrets))).to.deep.equal([])
  })

  it('reads by name alone where there are 10,000 secrets', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => secretObject(`s${index}`, 'r.io', 'x:y'))
    server.put({ [secrets]: [...many, secretObject('regcred', registry.host, `bob:${password}`)] })
    const { json } = await run('--config', config(), '--checks', 'image,pullSecret')
    expect(verdicts(json)).to.include('pullSecret private: pass PULL_SECRET_OK')
    expect(server.asked.filter(path => path.startsWith(secrets))).to.deep.equal([`${secrets}/regcred`])
  })

  it('checks the installed Config when none is given: the current one', async () => {
    const spec = (name: string) => ({
      config: { version: '2.19.4+k8s-1.36', extensions: { velero: { plugins: [{ name, image: image(name) }] } } },
    })
    server.put({
      [installations]: [installationObject('20260301', spec('open')), installationObject('20260101', spec('private'), 'Obsolete')],
    })
    const ran = await run('--checks', 'config,image', '--schema', 'auto')
    expect(verdicts(ran.json), ran.err).to.include.members(['config open: pass PLUGIN_OK', 'image open: pass IMAGE_RESOLVED'])
    expect(messageOf(ran, 'CONFIG_OK')).to.contain('installation/20260301')
  })

  it('takes the Config of the Secret that an old Installation names, and asks for the role when it may not', async () => {
    const inSecret = {
      metadata: { name: 'c', namespace: 'embedded-cluster' },
      data: { 'config.yaml': Buffer.from(configText({ name: 'open', image: image('open') })).toString('base64') },
    }
    const configSecret = { name: 'c', namespace: 'embedded-cluster' }
    server.put({
      [installations]: [installationObject('20240101', { configSecret, config: { extensions: { velero: { plugins: [] } } } })],
      'api/v1/namespaces/embedded-cluster/secrets': [inSecret],
    })
    expect(verdicts((await run('--checks', 'image')).json)).to.include('image open: pass IMAGE_RESOLVED')
    server.forbid('api/v1/namespaces/embedded-cluster')
    const refused = await run('--checks', 'image')
    expect(refused.code).to.equal(1)
    expect(refused.json.fail[0]).to.include({ code: 'CLUSTER_FORBIDDEN' })
    expect(refused.json.fail[0]?.message).to.contain('get secrets (c) in the namespace embedded-cluster')
  })

  it('says what is missing when there is no Config anywhere', async () => {
    const none = await run()
    expect(none.code).to.equal(2)
    expect(none.json.fail[0]?.message).to.contain('There is no --config, and the cluster test has no Installation')
    server.forbid(installations)
    expect((await run()).json.fail[0]).to.include({ code: 'CLUSTER_FORBIDDEN' })
  })

  it('warns of a licence without disaster recovery: the plugins are never used', async () => {
    server.put({ [installations]: [installationObject('20260301', { licenseInfo: {} })] })
    const ran = await run('--config', config(), '--checks', 'config')
    expect(verdicts(ran.json)).to.include('cluster -: warn CLUSTER_NO_DISASTER_RECOVERY')
    server.put({ [installations]: [installationObject('20260301', { licenseInfo: { isDisasterRecoverySupported: true } })] })
    expect(verdicts((await run('--config', config(), '--checks', 'config')).json)).to.include('cluster -: pass CLUSTER_READ')
  })

  it('writes no secret, and a bundle that tells the same again without the cluster', async () => {
    server.put({ [deployments]: [deploymentObject()], [accounts]: [accountObject()] })
    const argv = ['--schema', 'proposal', '--from-cluster', '--kubeconfig', kubeconfig, '--config', config()]
    const bundle = `${folder.path}/bundle.tar.gz`
    const collected = await command(['collect', ...argv, '--no-cache', '--debug', '--output', bundle])
    const live = await run('--config', config(), '--debug')
    const again = await report(['analyze', bundle])
    expect(verdicts(again.json)).to.deep.equal(verdicts(live.json))
    const human = await command(['run', '--no-bundle', '--no-cache', ...argv, '--verbose', '--debug'])
    await server.close()
    const all = [folder.everything().replace(/planted-token/, ''), collected, live, again, human].map(one => JSON.stringify(one)).join('\n')
    for (const planted of [password, 'planted-token', Buffer.from(`bob:${password}`).toString('base64').replace(/=+$/, '')])
      expect(all.includes(planted), planted).to.equal(false)
    server = await startApiServer()
  })

  it('needs a kubeconfig and a context that are there (exit 2)', async () => {
    for (const argv of [
      ['--kubeconfig', `${folder.path}/none`],
      ['--context', 'none'],
    ])
      expect((await run('--config', config(), ...argv)).code, argv.join(' ')).to.equal(2)
    expect((await report(['run', '--config', config(), '--checks', 'cluster'])).json.fail[0]?.message).to.contain('Add --from-cluster')
  })
})

describe('the command rbac', () => {
  it('prints the roles for exactly what is asked, bound when a subject is given', async () => {
    const { out, code } = await command(['rbac', '-n', 'backups', '--secret', 'a', '--secret', 'b', '--serviceaccount', 'ci:checker'])
    expect(code).to.equal(0)
    expect(out.match(/^kind: .*$/gm)).to.deep.equal(['kind: Role', 'kind: RoleBinding', 'kind: ClusterRole', 'kind: ClusterRoleBinding'])
    expect(out).to.contain('resourceNames: [a, b]').and.to.contain('namespace: backups')
    expect(out.match(/verbs: .*/g)).to.deep.equal(
      ['get', 'get', 'list', 'list', 'get', 'get', 'list', 'list'].map(verb => `verbs: [${verb}]`),
    )
  })

  it('binds to one subject that is well written', async () => {
    for (const argv of [
      ['--user', 'a', '--group', 'b'],
      ['--serviceaccount', 'x'],
      ['-n', 'No'],
    ])
      expect((await command(['rbac', ...argv])).code, argv.join(' ')).to.equal(2)
  })
})
