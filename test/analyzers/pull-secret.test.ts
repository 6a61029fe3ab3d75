import { expect } from 'chai'
import { pullSecret } from '../../src/analyzers/pull-secret.ts'
import { PreflightError } from '../../src/errors.ts'
import type { PodFact } from '../../src/facts/cluster.ts'
import type { PullSecret } from '../../src/kubelet/secret.ts'
import { type CheckOptions, check, judgeFacts } from '../support/check-image.ts'
import { imageFor } from '../support/image-documents.ts'
import { pullSecretOf, storeOf } from '../support/pull-secrets.ts'

const amd64 = imageFor('linux/amd64')
const plugin = { plugin: 'velero-x', image: 'r.io/acme/x:v1' }
const withSecret = { ...plugin, imagePullSecret: 'regcred' }
const open = { tags: { v1: amd64.manifest }, documents: [amd64] }
const only = (...allowed: readonly string[]) => ({ ...open, allowed })
const good = pullSecretOf('regcred', { 'r.io': 'bob:pw' })
const withDocument = (document: string, more: Partial<PullSecret> = {}) =>
  storeOf(pullSecretOf('regcred', {}, { data: { '.dockerconfigjson': document }, ...more }))
const dockerConfig = { file: '/home/me/.docker/config.json', login: async () => ({ username: 'me', password: 'mine', entry: 'r.io' }) }

const seen = new Set<string>()
const judge = async (options: Partial<CheckOptions>) => {
  const checked = await check({ plugins: [withSecret], registry: open, ...options })
  const judgement = checked.judge('pullSecret')[0]!
  for (const { status, code, message } of judgement.findings) {
    seen.add(code)
    expect(pullSecret.codes[code]?.status, code).to.equal(status)
    expect(message).to.match(/^velero-x: /)
  }
  return judgement
}
const codes = async (options: Partial<CheckOptions>) => (await judge(options)).findings.map(({ status, code }) => `${status} ${code}`)
const first = async (options: Partial<CheckOptions>) => (await judge(options)).findings[0]!.message
const well = ['pass PULL_SECRET_FOUND', 'pass PULL_SECRET_READABLE', 'pass PULL_SECRET_MATCHES']

describe('pull secret analyzer: a secret that does its work', () => {
  it('passes each question by itself', async () => {
    const { findings } = await judge({ secrets: storeOf(good), registry: only('bob:pw') })
    expect(findings.map(({ message }) => message)).to.deep.equal([
      'velero-x: the registry gives r.io/acme/x:v1 to the login "bob" of the secret velero/regcred (entry r.io).',
      'velero-x: the secret velero/regcred is there (secrets.yaml:1).',
      'velero-x: the secret velero/regcred is of type kubernetes.io/dockerconfigjson, and its docker config can be read.',
      'velero-x: the secret velero/regcred covers r.io/acme/x with its entry "r.io".',
    ])
    expect(await codes({ secrets: storeOf(good), registry: only('bob:pw') })).to.deep.equal(['pass PULL_SECRET_OK', ...well])
  })

  it('passes, but says so, when the registry would give the image to anyone', async () => {
    expect(await codes({ secrets: storeOf(good) })).to.deep.equal(['pass PULL_SECRET_OK_OPTIONAL', ...well])
  })

  it('warns of a second login in it that the registry rejects', async () => {
    const secrets = storeOf(pullSecretOf('regcred', { 'r.io/acme': 'old:pw', 'r.io': 'bob:pw' }))
    expect(await codes({ secrets, registry: only('bob:pw') })).to.deep.equal([
      'warn PULL_SECRET_PARTLY_REJECTED',
      'pass PULL_SECRET_OK',
      ...well,
    ])
  })

  it('warns of it when the registry rejects it but the node pulls with another login of the pod', async () => {
    const secrets = storeOf(good, pullSecretOf('other', { 'r.io': 'eve:pw' }))
    for (const plugins of [
      [withSecret, { ...plugin, plugin: 'velero-y', imagePullSecret: 'other' }],
      [{ ...withSecret }, { ...plugin, plugin: 'velero-y', imagePullSecret: 'other' }].toReversed(),
    ]) {
      const checked = await check({ plugins, secrets, registry: only('eve:pw') })
      const own = checked.judge('pullSecret').find(judgement => judgement.plugin === 'velero-x')
      expect(own?.findings[0]).to.include({ status: 'warn', code: 'PULL_SECRET_PARTLY_REJECTED' })
      expect(own?.findings[0]?.message).to.equal(
        'velero-x: the login "bob" of the secret velero/regcred (entry r.io) is of no use: the registry rejects it (401). The node pulls r.io/acme/x:v1 all the same, with the login "eve" of the secret velero/other (entry r.io). Correct the secret, or take its name out of the Config.',
      )
    }
  })

  it('does not take an answer to an entry without user name for one to its login', async () => {
    const secrets = withDocument('{"auths": {"r.io/acme": {"identitytoken": "t"}, "r.io": {"username": "bob", "password": "pw"}}}')
    expect((await codes({ secrets, registry: only('anonymous') }))[0]).to.equal('warn PULL_SECRET_PARTLY_REJECTED')
    expect((await codes({ secrets, registry: only('anonymous', 'bob:pw') }))[0]).to.equal('pass PULL_SECRET_OK_OPTIONAL')
  })

  it('shows every entry with what kubelet makes of it', async () => {
    const secrets = withDocument(
      JSON.stringify({
        auths: {
          'r.io': { username: 'bob', password: 'pw', registrytoken: 't' },
          'r.io:443': { username: 'eve', password: 'x' },
          'quay.io': {},
        },
        credsStore: 'desktop',
      }),
    )
    const { findings } = await judge({ secrets })
    expect(findings.find(({ code }) => code === 'PULL_SECRET_READABLE')?.evidence).to.deep.equal([
      'entry "r.io", user name "bob": covers the image; kubelet ignores its registrytoken',
      'entry "r.io:443", user name "eve": does not cover the image: it has port 443, the image no port; kubelet compares ports as text, also 443',
      'entry "quay.io", no user name: another registry',
      'kubelet ignores "credsStore" in a secret',
    ])
  })
})

describe('pull secret analyzer: in a cluster', () => {
  const pod = (secrets: readonly string[], more: Partial<PodFact> = {}): PodFact => ({
    deployment: 'velero',
    serviceAccount: 'velero-server',
    secrets,
    of: 'pod',
    hidden: [],
    ...more,
  })
  const other = pullSecretOf('other', { 'quay.io': 'eve:pw' })
  const secrets = storeOf(good, other)

  it('passes a secret that reaches the pod', async () => {
    expect(await codes({ secrets, pod: pod(['other', 'regcred']), registry: only('bob:pw') })).to.deep.equal([
      'pass PULL_SECRET_OK',
      ...well,
    ])
  })

  it('fails one that does not, says of it what there is to say, and gives the whole list for Helm', async () => {
    const options = { secrets, pod: pod(['other']), registry: only('bob:pw') }
    expect(await codes(options)).to.deep.equal(['fail PULL_SECRET_NOT_IN_POD', 'pass PULL_SECRET_OK', ...well])
    const { findings } = await judge(options)
    expect(findings[0]?.message).to.equal(
      'velero-x: the secret velero/regcred is there, but kubelet does not use it: the pod of the Deployment velero refers to other only, and its service account velero-server to none. So the node cannot pull r.io/acme/x:v1. Set the Helm value image.imagePullSecrets of Velero to [other, regcred], in the override of the built-in extension velero.',
    )
    expect(findings[0]?.evidence?.[0]).to.contain('            imagePullSecrets: [other, regcred]')
  })

  it('fails one that only the service account has, when the pod refers to others', async () => {
    const message = await first({ secrets, pod: pod(['other'], { hidden: ['regcred'] }), registry: only('bob:pw') })
    expect(message).to.contain('its service account velero-server has it, but a pod that refers to secrets itself (other) gets none')
  })

  it('fails one that neither has, also where the node needs none', async () => {
    const message = await first({ secrets, pod: pod(['other'], { of: 'serviceAccount' }) })
    expect(message).to.contain('neither the pod of the Deployment velero nor its service account velero-server refers to it')
    expect(message).to.contain('So the node pulls r.io/acme/x:v1 without it').and.to.contain('[other, regcred]')
  })

  it('says of a broken one, or of one that is refused, both', async () => {
    expect(await codes({ secrets: withDocument('{'), pod: pod([]), registry: only() })).to.deep.equal([
      'fail PULL_SECRET_NOT_IN_POD',
      'fail PULL_SECRET_MALFORMED',
      'pass PULL_SECRET_FOUND',
    ])
    expect(await codes({ secrets, pod: pod([]), registry: only() })).to.deep.equal([
      'fail PULL_SECRET_NOT_IN_POD',
      'fail PULL_SECRET_REJECTED',
      ...well,
    ])
  })

  it('passes none when it is not known what the pod has', async () => {
    const podUnread = { ok: false, code: 'CLUSTER_FORBIDDEN', message: 'RBAC does not allow it.' } as const
    expect(await codes({ secrets, podUnread, registry: only('bob:pw') })).to.deep.equal([
      'fail PULL_SECRET_POD_UNREAD',
      'pass PULL_SECRET_OK',
      ...well,
    ])
    expect(await codes({ plugins: [plugin], secrets, podUnread })).to.deep.equal(['fail PULL_SECRET_UNPROVEN'])
  })

  it('says nothing of a service account that it could not read', async () => {
    const { hidden: _, ...unread } = pod(['other'])
    expect(await first({ secrets, pod: unread, registry: only('bob:pw') })).to.contain('refers to other only. So')
  })

  it('does not call a secret missing that it could not read', async () => {
    const message = 'RBAC does not allow to get secrets (regcred) in the namespace velero.'
    const unread = () => ({ ok: false, code: 'CLUSTER_FORBIDDEN', message }) as const
    const store = { ...storeOf(), unread }
    for (const plugins of [[withSecret], [plugin]]) {
      const options = { plugins, secrets: store, pod: pod(['regcred']), registry: only() }
      expect(await codes(options)).to.deep.equal(['fail PULL_SECRET_UNREAD'])
      expect(await first(options)).to.contain(message)
    }
  })
})

describe('pull secret analyzer: a secret that is not there', () => {
  it('fails when none were given to look in, and says how to give them', async () => {
    expect(await codes({})).to.deep.equal(['fail PULL_SECRETS_NOT_GIVEN'])
    expect(await first({ registry: only() })).to.equal(
      'velero-x: it names the pull secret velero/regcred, and no Secrets were given to look in. Give its manifest with --secrets (kubectl get secret -n velero regcred -o yaml writes it), or read the cluster with --from-cluster.',
    )
    expect(await first({})).to.contain(
      'The registry gives r.io/acme/x:v1 to anyone, so that it needs no secret; but a wrong one would keep the node from pulling.',
    )
  })

  it('fails when the image needs it, with where there is one of the name, and which others would do', async () => {
    const secrets = storeOf({ ...good, namespace: 'kotsadm', from: 'a.yaml:3' }, pullSecretOf('other', { 'r.io': 'eve:pw' }))
    expect(await codes({ secrets, registry: only('bob:pw') })).to.deep.equal(['fail PULL_SECRET_NOT_FOUND'])
    expect(await first({ secrets, registry: only('bob:pw') })).to.equal(
      'velero-x: the secret velero/regcred is not there (looked in secrets.yaml), and the node cannot pull r.io/acme/x:v1 without it. There is one of this name in the namespace kotsadm (a.yaml:3); a pod uses only those of its own. Of the Secrets that were given, velero/other would cover it, were it named. Create it: kubectl create secret docker-registry regcred -n velero --docker-server=r.io --docker-username=… --docker-password=…',
    )
  })

  it('only warns when the image does not need it', async () => {
    expect(await codes({ secrets: storeOf() })).to.deep.equal(['warn PULL_SECRET_MISSING_OPTIONAL'])
  })
})

describe('pull secret analyzer: a secret of which kubelet makes no use', () => {
  const useless: readonly (readonly [
    what: string,
    code: string,
    secrets: ReturnType<typeof storeOf>,
    says: string,
    more: readonly string[],
  ])[] = [
    ['is of another type', 'PULL_SECRET_TYPE', storeOf({ ...good, type: 'Opaque' }), 'it is of type Opaque', ['pass PULL_SECRET_FOUND']],
    [
      'lacks the key',
      'PULL_SECRET_KEY',
      storeOf({ ...good, data: { 'config.json': '{}' } }),
      'needs the key ".dockerconfigjson", and it has the keys "config.json"',
      ['pass PULL_SECRET_FOUND'],
    ],
    [
      'has another registry',
      'PULL_SECRET_NO_MATCH',
      storeOf(pullSecretOf('regcred', { 'quay.io': 'bob:pw' })),
      'no entry that kubelet uses for r.io/acme/x; it has "quay.io"',
      well.slice(0, 2),
    ],
    [
      'has the registry with a port',
      'PULL_SECRET_NO_MATCH',
      storeOf(pullSecretOf('regcred', { 'r.io:443': 'bob:pw' })),
      'its entry "r.io:443" is not one: it has port 443, the image no port',
      well.slice(0, 2),
    ],
    ['has no entry', 'PULL_SECRET_NO_MATCH', withDocument('{"auths": {}}'), 'it has none at all', well.slice(0, 2)],
    [
      'has only a helper',
      'PULL_SECRET_NO_MATCH',
      withDocument('{"auths": {}, "credsStore": "desktop"}'),
      'it has only "credsStore", which means something to docker but nothing to kubelet',
      well.slice(0, 2),
    ],
    [
      'has registries beside auths',
      'PULL_SECRET_NO_MATCH',
      withDocument('{"r.io": {"auth": "Ym9iOnB3"}}'),
      'its entry "r.io" is not one: it stands beside "auths", not in it',
      well.slice(0, 2),
    ],
    [
      'has only an identity token',
      'PULL_SECRET_NO_LOGIN',
      withDocument('{"auths": {"r.io": {"identitytoken": "t"}}}'),
      'has no user name (of its "identitytoken" kubelet takes no notice), so that kubelet asks without a login',
      well.slice(0, 2),
    ],
  ]
  for (const [what, code, secrets, says, more] of useless) {
    it(`fails when it ${what} and the image needs it`, async () => {
      expect(await codes({ secrets, registry: only('bob:pw') })).to.deep.equal([`fail ${code}`, ...more])
      expect(await first({ secrets, registry: only('bob:pw') }))
        .to.contain(says)
        .and.to.contain('Without it the node cannot pull r.io/acme/x:v1.')
    })
    it(`only warns when it ${what} and the image does not need it`, async () => {
      expect(await codes({ secrets })).to.deep.equal(['warn PULL_SECRET_UNUSED', ...more])
      expect(await first({ secrets }))
        .to.contain(says)
        .and.to.contain('The node pulls r.io/acme/x:v1 all the same.')
    })
  }
})

describe('pull secret analyzer: a secret that does harm', () => {
  it('fails when it is broken, even if the image is open to anyone', async () => {
    const secrets = withDocument('{"auths": {"r.io": {"auth": "hunter2!"}}}')
    expect(await codes({ secrets })).to.deep.equal(['fail PULL_SECRET_MALFORMED', 'pass PULL_SECRET_FOUND'])
    expect(await first({ secrets })).to.match(
      /^velero-x: the secret velero\/regcred \(secrets\.yaml:1\) is broken: the docker config under "\.dockerconfigjson" is broken: "auth" of "r\.io" is not base64\. With one broken secret kubelet uses none of the pod, and does not pull/,
    )
    expect(await first({ secrets })).to.not.contain('hunter2')
  })

  it('counts the entries of other registries where there are too many to list', async () => {
    const logins = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`r${i}.example.org`, 'bob:pw']))
    const secrets = storeOf(pullSecretOf('regcred', logins))
    expect(await first({ secrets, registry: only() })).to.contain(
      'no entry that kubelet uses for r.io/acme/x; its 200 entries are of other registries',
    )
    const { findings } = await judge({ secrets })
    expect(findings.find(({ code }) => code === 'PULL_SECRET_READABLE')?.evidence).to.deep.equal(['200 more entries, of other registries'])
  })

  it('fails when the API server would refuse it', async () => {
    const secrets = storeOf({ ...good, problems: [{ key: 'x', message: '"x" in "data" is not base64' }] })
    expect(await codes({ secrets })).to.deep.equal(['fail PULL_SECRET_MALFORMED', 'pass PULL_SECRET_FOUND'])
  })

  it('fails for every plugin of the pod when the secret of one is broken', async () => {
    const secrets = storeOf(pullSecretOf('broken', {}, { data: { '.dockerconfigjson': '{' } }), good)
    const plugins = [plugin, { ...plugin, plugin: 'velero-y', imagePullSecret: 'broken' }]
    expect(await codes({ plugins, secrets })).to.deep.equal(['fail PULL_SECRET_MALFORMED'])
    expect(await first({ plugins, secrets })).to.contain(
      'the secret velero/broken (secrets.yaml:1), another one of the same pod, is broken',
    )
    expect((await codes({ plugins: [withSecret, plugins[1]!], secrets }))[0]).to.equal('fail PULL_SECRET_MALFORMED')
  })

  it('fails when the registry rejects its login', async () => {
    expect(await codes({ secrets: storeOf(good), registry: only() })).to.deep.equal(['fail PULL_SECRET_REJECTED', ...well])
  })

  it('fails when the registry rejects its login although anyone may pull the image', async () => {
    expect(await codes({ secrets: storeOf(good), registry: only('anonymous') })).to.deep.equal(['fail PULL_SECRET_REJECTED', ...well])
    expect(await first({ secrets: storeOf(good), registry: only('anonymous') })).to.contain(
      'It gives r.io/acme/x:v1 to anyone, but kubelet does not ask without a login once it has one: take the secret out of the Config, or correct it.',
    )
  })

  it('fails when the login may not pull this image', async () => {
    expect(await codes({ secrets: storeOf(good), registry: { faults: { '*': 'REGISTRY_DENIED' } } })).to.deep.equal([
      'fail PULL_SECRET_DENIED',
      ...well,
    ])
  })

  for (const code of ['MANIFEST_NOT_FOUND', 'REGISTRY_TIMEOUT', 'REGISTRY_RATE_LIMITED', 'DIGEST_MISMATCH'] as const) {
    it(`fails when the registry's answer (${code}) does not show whether it accepts the login`, async () => {
      expect(await codes({ secrets: storeOf(good), registry: { faults: { '*': code } } })).to.deep.equal([
        'fail PULL_SECRET_UNPROVEN',
        ...well,
      ])
    })
  }
})

describe('pull secret analyzer: a plugin that names none', () => {
  it('passes when anyone may pull the image', async () => {
    expect(await codes({ plugins: [plugin] })).to.deep.equal(['pass PULL_SECRET_NOT_NEEDED'])
    expect(await codes({ plugins: [plugin], secrets: storeOf(good) })).to.deep.equal(['pass PULL_SECRET_NOT_NEEDED'])
  })

  it('fails when the registry wants a login, and says what is at hand', async () => {
    const secrets = storeOf({ ...good, namespace: 'kotsadm' })
    const options = { plugins: [plugin], secrets, dockerConfig, registry: only('me:mine') }
    expect(await codes(options)).to.deep.equal(['fail PULL_SECRET_REQUIRED'])
    expect(await first(options)).to.equal(
      'velero-x: the registry does not give r.io/acme/x:v1 without a login, and the plugin names no pull secret. Of the Secrets that were given, kotsadm/regcred would cover it, were it in this namespace and named. It can be pulled with the login "me" of /home/me/.docker/config.json (entry r.io), which no node has. Create one and name it as imagePullSecret: kubectl create secret docker-registry NAME -n velero --docker-server=r.io --docker-username=… --docker-password=…',
    )
  })

  it('asks for no imagePullSecret where Embedded Cluster would ignore it', async () => {
    const { pullSecret: facts } = await check({ plugins: [plugin], secrets: storeOf(good), registry: only('bob:pw') })
    for (const schema of ['embedded-cluster', 'auto'] as const) {
      const [finding] = judgeFacts(pullSecret, { pullSecret: facts }, [plugin], ['linux/amd64'], schema)[0]!.findings
      expect(finding?.code).to.equal('PULL_SECRET_REQUIRED')
      expect(finding?.message).to.equal(
        "velero-x: the registry does not give r.io/acme/x:v1 without a login, and Velero's pod has none that fits; Embedded Cluster takes no imagePullSecret of a plugin. Of the Secrets that were given, velero/regcred would cover it, were it given to Velero's pod. Make the image public, or create a secret and give it to the pod with an override of the built-in extension velero (image.imagePullSecrets): kubectl create secret docker-registry NAME -n velero --docker-server=r.io --docker-username=… --docker-password=…",
      )
    }
  })

  it('fails when a 404 turns out to hide a private image', async () => {
    const { pullSecret: facts } = await check({ plugins: [plugin], dockerConfig, registry: only('me:mine') })
    const fact = facts[0]!
    const hidden = { ...fact, attempts: [{ credential: { kind: 'anonymous' }, ok: false, code: 'MANIFEST_NOT_FOUND', message: 'No.' }] }
    expect(judgeFacts(pullSecret, { pullSecret: [hidden] }, [plugin])[0]?.findings[0]).to.include({ code: 'PULL_SECRET_REQUIRED' })
  })

  it("passes with another plugin's secret, which counts for the whole pod", async () => {
    const plugins = [plugin, { ...withSecret, plugin: 'velero-y' }]
    expect(await codes({ plugins, secrets: storeOf(good), registry: only('bob:pw') })).to.deep.equal(['pass PULL_SECRET_OF_POD'])
    expect(await codes({ plugins, secrets: storeOf(good), registry: only('anonymous') })).to.deep.equal(['fail PULL_SECRET_REJECTED'])
  })

  it('warns when the pod has secrets that were not given, or fails when the image needs one', async () => {
    const plugins = [plugin, { ...withSecret, plugin: 'velero-y' }]
    expect(await codes({ plugins })).to.deep.equal(['warn PULL_SECRET_OTHERS_UNKNOWN'])
    expect(await codes({ plugins, registry: only('bob:pw') })).to.deep.equal(['fail PULL_SECRETS_NOT_GIVEN'])
    expect(await first({ plugins, registry: only('bob:pw') })).to.contain(
      'it names no pull secret itself, but the pod has velero/regcred, and no Secrets were given',
    )
  })

  it('fails when nobody could ask', async () => {
    expect(await codes({ plugins: [plugin], registry: { faults: { '*': 'REGISTRY_TIMEOUT' } } })).to.deep.equal([
      'fail PULL_SECRET_UNPROVEN',
    ])
  })
})

describe('pull secret analyzer: an image of a folder or archive', () => {
  const images = { 'velero-x': 'oci:dist:v1' }
  const local = { images, plugins: [withSecret] }

  it('passes what can be seen without the registry, and warns that it was not asked', async () => {
    expect(await codes({ ...local, secrets: storeOf(good) })).to.deep.equal(['warn PULL_SECRET_NOT_ASKED', ...well])
    expect(await first({ ...local, secrets: storeOf(good) })).to.equal(
      'velero-x: whether the registry gives r.io/acme/x:v1 to a login of the secret velero/regcred is not known: the image was read from oci:dist:v1. Push it and check again without --image.',
    )
  })

  it('compares the entries with the name in the Config', async () => {
    const other = storeOf(pullSecretOf('regcred', { 'other.io': 'bob:pw' }))
    expect((await codes({ ...local, secrets: other }))[0]).to.equal('fail PULL_SECRET_NO_MATCH')
    expect(await first({ ...local, secrets: other })).to.include(
      'Whether the node can pull r.io/acme/x:v1 without it is not known, for the image was read from oci:dist:v1',
    )
  })

  it('fails a secret that is not there, and does not say what the node needs', async () => {
    expect((await codes({ ...local, secrets: storeOf() }))[0]).to.equal('fail PULL_SECRET_NOT_FOUND')
    expect(await first({ ...local, secrets: storeOf() }))
      .to.include('Whether the node can pull')
      .and.not.include('cannot pull')
  })

  it('fails without a secret, for nothing was asked', async () => {
    expect(await codes({ images, plugins: [plugin] })).to.deep.equal(['fail PULL_SECRET_UNPROVEN'])
  })

  it('asks the registry nothing', async () => {
    const { registry } = await check({ ...local, secrets: storeOf(good), registry: open })
    expect(registry.asked.filter(question => !question.startsWith('sha256:'))).to.deep.equal(['v1 as anonymous'])
  })
})

describe('pull secret analyzer', () => {
  it('throws when nothing was collected of the plugin: a missing fact is never a pass', () => {
    expect(() => judgeFacts(pullSecret, { pullSecret: [] }, [plugin]))
      .to.throw(PreflightError)
      .with.property('code', 'FACT_MISSING')
  })

  it('escapes what comes from outside', async () => {
    const secrets = storeOf(pullSecretOf('regcred', { 'r.io\u001b[2J/acme': 'bob:pw', 'r.io': 'b\u001b[31mob\n:pw' }))
    for (const registry of [open, only()]) {
      const { findings } = await judge({ secrets, registry })
      const texts = findings.flatMap(({ message, evidence = [] }) => [message, ...evidence])
      expect(texts.filter(text => [...text].some(char => char < ' '))).to.deep.equal([])
      expect(texts.join(' ')).to.contain('b\\u001b[31mob')
    }
  })

  it('gives the values that a spec may compare', async () => {
    const { values } = await judge({ secrets: storeOf(good), registry: only('bob:pw') })
    expect(values).to.deep.equal({ named: true, given: true, found: true, matching: 1, accepted: true, needed: 'yes' })
    expect(Object.keys(values)).to.deep.equal(Object.keys(pullSecret.values))
    expect((await judge({ plugins: [plugin] })).values).to.deep.equal({
      named: false,
      given: false,
      found: false,
      matching: 0,
      accepted: false,
      needed: 'no',
    })
  })

  it('has given every code of its table in the tests above', () => {
    expect(Object.keys(pullSecret.codes).filter(code => !seen.has(code))).to.deep.equal([])
  })
})
