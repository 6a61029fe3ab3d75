import { expect } from 'chai'
import type { BundleContent } from '../../src/bundle/content.ts'
import type { KeptFile } from '../../src/bundle/kept-file.ts'
import { PreflightError } from '../../src/errors.ts'
import type { LogCall } from '../../src/kubernetes/calls.ts'
import { hiddenIn } from '../../src/world/bundle-objects.ts'
import { wantedOfCluster } from '../../src/world/bundle-paths.ts'
import { createBundleReader } from '../../src/world/bundle-reader.ts'

const content = (files: Readonly<Record<string, string | KeptFile>>): BundleContent => ({
  root: '',
  names: Object.keys(files),
  find: name => {
    const file = files[name]
    return typeof file === 'string' ? { bytes: Buffer.from(file), sizeBytes: Buffer.byteLength(file) } : file
  },
})
const failure = async (promise: Promise<unknown>): Promise<PreflightError> => {
  try {
    await promise
  } catch (error) {
    if (error instanceof PreflightError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const pod = 'velero-5d8f-x'
const call: LogCall = { call: 'podLog', namespace: 'velero', name: pod, container: 'velero' }
const part = { from: 'start', limitBytes: 100 } as const
const place = `cluster-resources/pods/logs/velero/${pod}`

describe("a support bundle's log", () => {
  for (const [layout, name] of [
    ['today', `${place}/velero.log`],
    ['of 2021', `cluster-resources/pods/velero/logs/${pod}/velero.log`],
    ['of a collector', `velero/${pod}/velero.log`],
    ['of a collector with a longer name', `podlogs/velero/${pod}/velero.log`],
  ] as const) {
    it(`is found in the layout ${layout}`, async () => {
      expect(wantedOfCluster('velero')(name)).to.have.property('headBytes')
      expect(await createBundleReader(content({ [name]: 'hello\n' })).log(call, part)).to.deep.equal({ text: 'hello\n', cut: false })
    })
  }

  it('is never that of a pod of the same name in another namespace', async () => {
    const files = { [`cluster-resources/pods/logs/other/${pod}/velero.log`]: 'other' }
    expect((await failure(createBundleReader(content(files)).log(call, part))).code).to.equal('BUNDLE_LACKS')
  })

  it('is the longer one where two collectors took it', async () => {
    const files = { [`${place}/velero.log`]: 'tail\n', [`podlogs/velero/${pod}/velero.log`]: 'head\ntail\n' }
    expect((await createBundleReader(content(files)).log(call, part))?.text).to.equal('head\ntail\n')
  })

  it('is given from either end, up to a limit, and never across what was left out', async () => {
    const kept: KeptFile = { bytes: Buffer.from('aaaazzzz'), sizeBytes: 1000, cutAt: 4 }
    const { log } = createBundleReader(content({ [`${place}/velero.log`]: kept }))
    expect(await log(call, { from: 'start', limitBytes: 100 })).to.deep.equal({ text: 'aaaa', cut: true })
    expect(await log(call, { from: 'end', limitBytes: 2 })).to.deep.equal({ text: 'zz', cut: true })
    expect(await log(call, { from: 'end', limitBytes: 100 })).to.deep.equal({ text: 'zzzz', cut: true })
  })

  for (const lines of [500, 10_000]) {
    it(`of exactly ${lines} lines counts as cut: so many a collector takes`, async () => {
      const cut = async (count: number) =>
        (await createBundleReader(content({ [`${place}/velero.log`]: 'l\n'.repeat(count) })).log(call, { from: 'end', limitBytes: 1e6 }))
          ?.cut
      expect([await cut(lines - 1), await cut(lines), await cut(lines + 1)]).to.deep.equal([false, true, false])
    })
  }

  for (const [what, name, text] of [
    [
      'has not started',
      `podlogs/velero/${pod}/velero-errors.json`,
      '["container \\"velero\\" in pod \\"x\\" is waiting to start: PodInitializing"]',
    ],
    ['was not found', `${place}/velero-logs-errors.log`, 'pods "velero-5d8f-x" not found'],
    ['cannot pull', `${place}/velero-logs-errors.log`, 'container "a" in pod "b" is waiting to start: trying and failing to pull image'],
  ] as const) {
    it(`is none when the collector says that the container ${what}`, async () => {
      expect(await createBundleReader(content({ [name]: text })).log(call, part)).to.equal(undefined)
    })
  }

  it('is not known when the collector was refused, and its words are given without secrets', async () => {
    const files = { [`${place}/velero-logs-errors.log`]: 'pods "x" is forbidden: https://u:p@h/ cannot get resource "pods/log"' }
    const { code, message } = await failure(createBundleReader(content(files)).log(call, part))
    expect(code).to.equal('BUNDLE_LACKS')
    expect(message).to.contain('is forbidden').and.not.to.contain('u:p@')
  })

  it('is not known when nobody collected it', async () => {
    const { code, message, hint } = await failure(createBundleReader(content({})).log(call, part))
    expect([code, message.includes('velero/velero-5d8f-x/velero'), hint?.includes('collector logs')]).to.deep.equal([
      'BUNDLE_LACKS',
      true,
      true,
    ])
  })

  it('before the last one is there, or there was none where the last one is', async () => {
    const previous = { ...call, previous: true }
    const both = createBundleReader(content({ [`${place}/velero.log`]: 'now', [`${place}/velero-previous.log`]: 'then' }))
    expect((await both.log(previous, part))?.text).to.equal('then')
    expect(await createBundleReader(content({ [`${place}/velero.log`]: 'now' })).log(previous, part)).to.equal(undefined)
    expect((await failure(createBundleReader(content({})).log(previous, part))).code).to.equal('BUNDLE_LACKS')
  })
})

describe("a support bundle's objects", () => {
  it('are those of the YAML where an old bundle has nothing else, also when it is a link to the JSON', async () => {
    const path = 'cluster-resources/custom-resources/installations.embeddedcluster.replicated.com'
    for (const files of [{ [`${path}.yaml`]: '- metadata:\n    name: a\n' }, { [`${path}.yaml`]: '[{"metadata": {"name": "a"}}]' }])
      expect(await createBundleReader(content(files)).list({ call: 'installations' })).to.deep.equal([{ metadata: { name: 'a' } }])
  })

  it('are none where the kind is defined and there was no error', async () => {
    const definitions = { metadata: { name: 'installations.embeddedcluster.replicated.com' } }
    const files = { 'cluster-resources/custom-resource-definitions.json': JSON.stringify({ items: [definitions] }) }
    expect(await createBundleReader(content(files)).list({ call: 'installations' })).to.deep.equal([])
    const refused = {
      ...files,
      'cluster-resources/custom-resources/custom-resources-errors.json': JSON.stringify({ crdList: 'forbidden' }),
    }
    expect((await failure(createBundleReader(content(refused)).list({ call: 'installations' }))).message).to.contain('forbidden')
  })

  it('are not known where the collector was refused and left an empty file', async () => {
    const files = { 'cluster-resources/nodes.json': '', 'cluster-resources/nodes-errors.json': '["nodes is forbidden"]' }
    expect((await failure(createBundleReader(content(files)).list({ call: 'nodes' }))).message).to.contain('nodes is forbidden')
  })

  it('are those of the YAML where redaction has spoiled the JSON alone', async () => {
    const path = 'cluster-resources/custom-resources/installations.embeddedcluster.replicated.com'
    const files = { [`${path}.json`]: '[{"a": ***HIDDEN***', [`${path}.yaml`]: '- metadata:\n    name: a\n' }
    expect(await createBundleReader(content(files)).list({ call: 'installations' })).to.deep.equal([{ metadata: { name: 'a' } }])
  })

  it('are not read where they are too many bytes', async () => {
    const files = { 'cluster-resources/nodes.json': { bytes: Buffer.alloc(0), sizeBytes: 1e9, tooLarge: true } as const }
    expect((await failure(createBundleReader(content(files)).list({ call: 'nodes' }))).message).to.contain('1000000000 bytes')
  })

  it('are no more than what is asked of a cluster: other files of the bundle are not kept', () => {
    const wanted = wantedOfCluster('backups')
    const names = [
      'cluster-resources/pods/backups.json',
      'cluster-resources/nodes.json',
      'cluster-resources/pods-errors.json',
      'secrets/backups/regcred.json',
    ]
    expect(names.filter(name => wanted(name) === undefined)).to.deep.equal([])
    const others = [
      'cluster-resources/pods/velero.json',
      'cluster-resources/clusterroles.json',
      'secrets/kotsadm/regcred.json',
      'host-collectors/run-host/x.txt',
      'cluster-resources/pods/logs/backups/kopia-x/kopia.log',
    ]
    expect(others.filter(name => wanted(name) !== undefined)).to.deep.equal([])
  })

  it('say where something was hidden, however deep', () => {
    const hidden = '***HIDDEN***'
    expect(hiddenIn({ a: [{ b: `x${hidden}` }], env: hidden, c: 'ok' }, ['env'])).to.deep.equal(['a[0].b'])
    const deep = JSON.parse(`${'['.repeat(5000)}"${hidden}"${']'.repeat(5000)}`)
    expect(hiddenIn(deep)).to.deep.equal([])
  })
})
