// peers: etcd kube-apiserver kube-controller-manager kube-scheduler kubelet velero velero-plugin-for-aws acme-plugin support-bundle
// packages: containerd runc containernetworking-plugins iproute2 openssl curl busybox-static skopeo docker-registry apache2-utils
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { configText, type JsonReport, report, type Scratch, scratch } from '../support/command.ts'
import { peer } from './peers.ts'
import { endAll } from './processes.ts'
import { collectBundle, keepFixture } from './velero-deployments/bundles.ts'
import { cases as all, type VeleroCase } from './velero-deployments/cases.ts'
import { type Deployed, deploy } from './velero-deployments/deploy.ts'

const cases = process.env.INTEROP === 'full' ? all : all.filter(({ always }) => always)

/** Renews what `npm test` runs the table on, without a node. */
const fixtures = process.env.UPDATE_FIXTURES === '1' ? fileURLToPath(new URL('../fixtures/velero-bundles', import.meta.url)) : undefined

const namespaces = cases.map(({ name }) => name)

/** `plugin CODE` of all findings of the check velero that are no pass. */
const said = ({ warn, fail }: JsonReport): readonly string[] =>
  [...warn, ...fail]
    .filter(({ check }) => check === 'velero')
    // On a machine that is busy a server may have been started again; that is told, and is none of the cases.
    .flatMap(({ plugin = '-', findings }) =>
      findings.filter(({ status, code }) => status !== 'pass' && code !== 'VELERO_RESTARTED').map(({ code }) => `${plugin} ${code}`),
    )
    .toSorted()

const messages = ({ warn, fail }: JsonReport): string => [...warn, ...fail].map(({ message }) => message).join('\n')

describe('the real Velero, deployed in many ways', () => {
  let deployed: Deployed
  let program: string
  let bundle: string | undefined
  let folder: Scratch

  before(async function () {
    this.timeout(45 * 60_000)
    program = await peer(this, 'support-bundle')
    deployed = await deploy(this, cases)
    folder = scratch()
  })
  after(async function () {
    this.timeout(120_000)
    folder?.remove()
    await endAll()
  })

  const configOf = ({ name, plugins }: VeleroCase) =>
    folder.file(
      `${name}.yaml`,
      configText(...Object.entries(plugins).map(([plugin, written]) => ({ name: plugin, image: deployed.image(written) }))),
    )
  const run = (one: VeleroCase, ...argv: readonly string[]) =>
    report(['run', '--no-bundle', '--no-cache', '--config', configOf(one), '-n', one.name, ...argv])
  const live = (one: VeleroCase, checks: string, ...argv: readonly string[]) =>
    run(one, '--from-cluster', '--kubeconfig', deployed.cluster.kubeconfig, '--checks', checks, ...argv)

  for (const one of cases) {
    it(`${one.name}: ${one.says.join(', ') || 'all is well'}`, async function () {
      this.timeout(6 * 60_000)
      const wanted = one.says.toSorted()
      for (let tries = 0; ; tries++) {
        const { json, out, code } = await live(one, 'velero')
        if (JSON.stringify(said(json)) !== JSON.stringify(wanted) && tries < 300) {
          await new Promise(resolve => setTimeout(resolve, 1000))
          continue
        }
        expect(said(json), out).to.deep.equal(wanted)
        if (one.proof !== undefined) expect(messages(json)).to.match(one.proof)
        expect(code).to.equal(json.fail.length > 0 ? 3 : json.warn.length > 0 ? 4 : 0)
        return
      }
    })
  }

  for (const one of cases)
    it(`${one.name}: the same from a bundle that the real support-bundle collected`, async function () {
      this.timeout(10 * 60_000)
      // What was collected while a server was starting says only that; then it is collected again.
      for (let tries = 1; ; tries++) {
        bundle ??= await collectBundle(program, deployed.cluster.kubeconfig, namespaces)
        const { json, out } = await run(one, '--bundle', bundle, '--checks', 'velero')
        if (JSON.stringify(said(json)) !== JSON.stringify(one.says.toSorted()) && tries < 4) {
          bundle = undefined
          continue
        }
        expect(said(json), out).to.deep.equal(one.says.toSorted())
        if (one.proof !== undefined) expect(messages(json)).to.match(one.proof)
        break
      }
      if (fixtures !== undefined && bundle !== undefined) {
        const { REGISTRY, PRIVATE } = deployed.hosts
        keepFixture(bundle, one.name, join(fixtures, one.name), { [REGISTRY]: 'registry.example.com', [PRIVATE]: 'private.example.com' })
      }
    })

  for (const one of cases)
    it(`${one.name}: before the deployment ${one.before ?? 'no check can know'}`, async function () {
      this.timeout(2 * 60_000)
      const { json, out } = await live(one, 'config,image,pullSecret,binaries')
      const codes = [...json.fail, ...json.warn].flatMap(({ findings }) =>
        findings.filter(({ status }) => status !== 'pass').map(({ code }) => code),
      )
      if (one.before !== undefined) expect(codes, out).to.include(one.before)
      else if (one.name === 'healthy')
        expect(codes).to.include('PLUGIN_NAME_CLASH') // it declares Embedded Cluster's own
      else expect(json.fail, out).to.deep.equal([])
    })

  it('is asked itself with --server-status, and nothing of that is left', async function () {
    this.timeout(120_000)
    const healthy = cases.find(({ name }) => name === 'healthy')!
    const { json, out } = await live(healthy, 'velero', '--server-status')
    expect(said(json), out).to.deep.equal([])
    const runs = json.pass.flatMap(({ findings }) => findings).find(({ code }) => code === 'VELERO_RUNS')
    expect(runs?.message).to.match(/It says itself that it is v1\.18\.3 and has \d+ plugins/)
    const left = await deployed.cluster.call('GET', '/apis/velero.io/v1/namespaces/healthy/serverstatusrequests')
    expect((left as unknown as { items: unknown[] }).items).to.deep.equal([])
  })
})
