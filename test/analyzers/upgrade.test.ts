import { expect } from 'chai'
import type { Judgement } from '../../src/analyzers/analyzer.ts'
import { upgrade } from '../../src/analyzers/upgrade.ts'
import type { Finding } from '../../src/outcome.ts'
import {
  built,
  bytesOf,
  clusterOf,
  digest,
  failed,
  installedOf,
  judgeUpgrade,
  node,
  refusing,
  served,
  type UpgradeCase,
} from '../support/upgrade-facts.ts'

const a1 = 'a r.io/acme/a:v1.0.0'
const a2 = 'a r.io/acme/a:v1.1.0'
const b1 = 'b r.io/acme/b:v1.0.0'
/** As pods name what they were made of: the digest of the index. */
const running = (text: string, word = text.split(' ')[1]!) => `${text} ${text.split(' ')[1]!.split(':')[0]}@${digest(word)}`

const seen = new Set<string>()
const judge = (given: UpgradeCase): readonly Judgement[] => {
  const judgements = judgeUpgrade(given)
  for (const { findings, values } of judgements) {
    expect(findings).to.not.deep.equal([])
    expect(Object.keys(values).toSorted()).to.deep.equal(Object.keys(upgrade.values).toSorted())
    for (const { status, code } of findings) {
      seen.add(code)
      expect(upgrade.codes[code]?.status, code).to.equal(status)
    }
  }
  return judgements
}
const of = (judgements: readonly Judgement[], name?: string): Judgement => {
  const found = judgements.filter(({ plugin }) => plugin === name)
  expect(found).to.have.length(1)
  return found[0]!
}
const codesOf = ({ findings }: Judgement) => findings.map(({ status, code }) => `${status} ${code}`)
const codes = (given: UpgradeCase, name?: string) => codesOf(of(judge(given), name))
const findingOf = (given: UpgradeCase, code: string, name?: string): Finding => {
  const found = of(judge(given), name).findings.filter(one => one.code === code)
  expect(found, code).to.have.length(1)
  return found[0]!
}
/** What an upgrade by the admin console does is said of every other case too. */
const quiet = { more: 'version: 3.0.0' } as const

describe('upgrade analyzer: of one plugin', () => {
  it('passes what stays as it is, and says that the bytes do', () => {
    const given = { plugins: [a1], cluster: clusterOf([running(a1)]) }
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED'])
    expect(of(judge(given), 'a').findings[0]?.message).to.equal(
      `a: r.io/acme/a:v1.0.0 as before. Its pod runs what the registry has: ${digest('r.io/acme/a:v1.0.0')}.`,
    )
  })

  it('takes one reference for the same however it is spelt', () => {
    const given = { plugins: ['a docker.io/library/a:v1'], cluster: clusterOf([`a a:v1 docker.io/library/a@${digest('x')}`]) }
    const facts = [served('a', 'docker.io/library/a:v1', 'x')]
    expect(codes({ ...given, installed: installedOf(['a a:v1']), served: facts }, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED'])
  })

  it('passes what is new', () => {
    const given = { plugins: [a1, b1], installed: installedOf([a1]), cluster: clusterOf([running(a1)]) }
    expect(codes(given, 'b')).to.deep.equal(['pass UPGRADE_ADDED'])
    expect(of(judge(given), 'b').values.change).to.equal('added')
  })

  for (const [to, status, code, change] of [
    ['r.io/acme/a:v1.1.0', 'pass', 'UPGRADE_UPDATED', 'updated'],
    ['r.io/acme/a:v0.9.9', 'warn', 'UPGRADE_DOWNGRADED', 'downgraded'],
    ['r.io/acme/a:v1.0.0-rc.1', 'warn', 'UPGRADE_DOWNGRADED', 'downgraded'],
    [`r.io/acme/a:v1.0.0@${digest('d')}`, 'pass', 'UPGRADE_UPDATED', 'updated'],
    ['other.io/mirror/a:v1.1.0', 'pass', 'UPGRADE_UPDATED', 'updated'],
    ['other.io/mirror/a:v0.1.0', 'warn', 'UPGRADE_DOWNGRADED', 'downgraded'],
    ['r.io/acme/a:latest', 'warn', 'UPGRADE_VERSIONS_UNKNOWN', 'unknown'],
    ['r.io/acme/a', 'warn', 'UPGRADE_VERSIONS_UNKNOWN', 'unknown'],
    [`r.io/acme/a@${digest('d')}`, 'warn', 'UPGRADE_VERSIONS_UNKNOWN', 'unknown'],
    ['no reference', 'warn', 'UPGRADE_VERSIONS_UNKNOWN', 'unknown'],
    ['r.io/acme/other:v9.0.0', 'warn', 'UPGRADE_REPLACED', 'replaced'],
  ] as const)
    it(`says of r.io/acme/a:v1.0.0 and then ${to.slice(0, 40)}: ${status} ${code}`, () => {
      const image = to === 'no reference' ? 'UPPER//' : to
      const given = { plugins: [`a ${image}`], installed: installedOf([a1]), cluster: clusterOf([running(a1)]) }
      const judged = of(judge(given), 'a')
      expect(codesOf(judged)).to.include(`${status} ${code}`)
      expect(judged.values.change).to.equal(change)
      const finding = judged.findings.find(one => one.code === code)
      expect(finding?.message).to.match(/^a: from r\.io\/acme\/a:v1\.0\.0 to /)
    })

  it('takes two references with one digest for the same, whatever their tags', () => {
    const pinned = digest('d')
    const given = {
      plugins: [`a r.io/acme/a:v2@${pinned}`],
      installed: installedOf([`a r.io/acme/a:v3@${pinned}`]),
      cluster: clusterOf([`a r.io/acme/a:v3@${pinned} r.io/acme/a@${pinned}`]),
    }
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED'])
  })

  it('finds what a plugin was called before by its repository', () => {
    const given = { plugins: ['new r.io/acme/a:v1.1.0'], installed: installedOf([a1]), cluster: clusterOf([running(a1)]) }
    expect(codes(given, 'new')).to.deep.equal(['pass UPGRADE_UPDATED', 'pass UPGRADE_RENAMED'])
    expect(judge(given).map(({ plugin }) => plugin)).to.deep.equal([undefined, 'new'])
  })

  it('does not take a plugin that stays for what another one was called before', () => {
    const given = { plugins: [a1, 'c r.io/acme/a:v1.0.0'], installed: installedOf([a1]), cluster: clusterOf([running(a1)]) }
    expect(codes(given, 'c')).to.include('pass UPGRADE_ADDED')
  })

  it('warns of a plugin that is installed but does not run', () => {
    const given = { plugins: [a1], cluster: clusterOf([]) }
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED', 'warn UPGRADE_NOT_RUNNING'])
  })

  it('warns of a plugin that runs with another image than is installed', () => {
    const given = { plugins: [a2], installed: installedOf([a1]), cluster: clusterOf([running('a r.io/acme/a:v1.0.5')]) }
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UPDATED', 'warn UPGRADE_RUNS_OTHER'])
    expect(findingOf(given, 'UPGRADE_UPDATED', 'a').message).to.contain('from r.io/acme/a:v1.0.5')
  })

  it('compares with what runs, which may be later than what is installed', () => {
    const given = { plugins: [a2], installed: installedOf([a1]), cluster: clusterOf([running('a r.io/acme/a:v1.2.0')]) }
    expect(codes(given, 'a')).to.include('warn UPGRADE_DOWNGRADED')
  })
})

describe('upgrade analyzer: the bytes of a tag', () => {
  const image = 'r.io/acme/a:v1.0.0'
  const runs = (imageId: string, facts = served('a', image, 'now')): UpgradeCase => ({
    plugins: [a1],
    cluster: clusterOf([`a ${image} ${imageId}`]),
    served: [facts],
  })
  const other = { digest: digest('then'), ok: true, platforms: [bytesOf('then')] } as const

  for (const [what, imageId, facts] of [
    ['the index', `r.io/acme/a@${digest('now')}`, served('a', image, 'now')],
    ['the index, with the scheme of an older runtime', `docker-pullable://r.io/acme/a@${digest('now')}`, served('a', image, 'now')],
    ["the platform's manifest", `r.io/acme/a@${digest('now linux/amd64')}`, served('a', image, 'now')],
    ['the config, of an image that came as a file', digest('config now linux/amd64'), served('a', image, 'now')],
    [
      'another index with the same image',
      `r.io/acme/a@${digest('then')}`,
      served('a', image, 'now', { others: [{ ...other, platforms: [bytesOf('now')] }] }),
    ],
  ] as const)
    it(`are those of the registry when the pod runs ${what}`, () => {
      expect(codes(runs(imageId, facts), 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED'])
      expect(of(judge(runs(imageId, facts)), 'a').values.retagged).to.equal(false)
    })

  for (const [what, imageId, facts, evidence] of [
    [
      'another index',
      `r.io/acme/a@${digest('then')}`,
      served('a', image, 'now', { others: [other] }),
      /^the pod velero-1 runs sha256:\w+$/,
    ],
    [
      'an index of the same image for one platform and of another for the second',
      `r.io/acme/a@${digest('then')}`,
      served('a', image, 'now', {
        platforms: [bytesOf('now'), bytesOf('now', 'linux/arm64')],
        others: [{ ...other, platforms: [bytesOf('now'), bytesOf('then', 'linux/arm64')] }],
      }),
      /^the pod velero-1 runs/,
    ],
    [
      'a digest that the registry does not have any more',
      `r.io/acme/a@${digest('then')}`,
      served('a', image, 'now', { others: [{ digest: digest('then'), ...failed('MANIFEST_NOT_FOUND') }] }),
      /which the registry does not have any more$/,
    ],
    [
      'a digest that could not be read',
      `r.io/acme/a@${digest('then')}`,
      served('a', image, 'now', { others: [{ digest: digest('then'), ...failed('REGISTRY_TIMEOUT') }] }),
      /which could not be read: REGISTRY_TIMEOUT$/,
    ],
    ['another config', digest('another'), served('a', image, 'now'), /^the pod/],
  ] as const)
    it(`are others when the pod runs ${what}`, () => {
      const given = runs(imageId, facts)
      expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED', 'warn UPGRADE_RETAGGED'])
      expect(findingOf(given, 'UPGRADE_RETAGGED', 'a').evidence?.[0]).to.match(evidence)
      expect(of(judge(given), 'a').values.retagged).to.equal(true)
    })

  it('are others tomorrow whether there is an upgrade or not, where kubelet asks every time', () => {
    const given = {
      plugins: [`${a1} Always`],
      installed: installedOf([a1]),
      cluster: clusterOf([`a ${image} r.io/acme/a@${digest('then')}`]),
    }
    expect(findingOf(given, 'UPGRADE_RETAGGED', 'a').message).to.contain('With imagePullPolicy Always the next start of the pod')
    expect(findingOf({ ...given, plugins: [a1] }, 'UPGRADE_RETAGGED', 'a').message).to.contain(
      'keeps its bytes (imagePullPolicy IfNotPresent)',
    )
  })

  it('are others when a node has other ones under the tag, whether a pod runs them or not', () => {
    const nodes = [
      node('a', [image, `r.io/acme/a@${digest('r.io/acme/a:v1.0.0')}`]),
      node('b', ['r.io/acme/a:v0.1.0', `r.io/acme/a@${digest('old')}`], [image, `r.io/acme/a@${digest('then')}`]),
    ]
    const given = { plugins: [a1], cluster: clusterOf([running(a1)], { nodes }) }
    expect(findingOf(given, 'UPGRADE_RETAGGED', 'a').evidence).to.deep.equal([`the node b has ${digest('then')}`])
  })

  it('are those of the registry when the node has one image under the name that the pod gives and under one that fits', () => {
    const named = `mirror.io/a@${digest('elsewhere')}`
    const given = runs(named)
    expect(codes(given, 'a')).to.include('warn UPGRADE_RETAGGED')
    const nodes = [node('a', [named, `r.io/acme/a@${digest('now')}`, image])]
    expect(codes({ ...given, cluster: clusterOf([`a ${image} ${named}`], { nodes }) }, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED'])
  })

  it('are those that a digest names', () => {
    const pinned = `a r.io/acme/a:v1.0.0@${digest('now')}`
    const given = { plugins: [pinned], cluster: clusterOf([`${pinned} r.io/acme/a@${digest('now')}`]) }
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED'])
    expect(of(judge(given), 'a').findings[0]?.message).to.match(/Its digest says which bytes\.$/)
  })

  it('are not known of an init container that was never made: a warn', () => {
    const given = { plugins: [a1], cluster: clusterOf([`a ${image}`]) }
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED', 'warn UPGRADE_RUNNING_UNKNOWN'])
  })

  it('are not known when the Deployment has the init container and no pod does: a warn', () => {
    const { deployment } = clusterOf([running(a1)])
    const cluster = { ...clusterOf([]), deployment: deployment! }
    expect(codes({ plugins: [a1], cluster }, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED', 'warn UPGRADE_RUNNING_UNKNOWN'])
    expect(codes({ plugins: [a1], cluster: { ...cluster, pods: [] } }, 'a')).to.include('warn UPGRADE_RUNNING_UNKNOWN')
  })

  it('are not known of an image that could not be opened: a fail', () => {
    const given = { plugins: [a1], cluster: clusterOf([running(a1)]), served: [{ plugin: 'a', image, ...failed('REGISTRY_DENIED') }] }
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED', 'fail UPGRADE_IMAGE_UNREAD'])
    expect(codes(given)).to.include('warn UPGRADE_PULL_UNKNOWN')
  })

  it('are not known of an image of which nothing was collected: a fail', () => {
    expect(codes({ plugins: [a1], served: [] }, 'a')).to.include('fail UPGRADE_IMAGE_UNREAD')
  })
})

describe('upgrade analyzer: what is removed', () => {
  it('has a result of its own for each plugin that is installed and not in the new Config', () => {
    const given = { plugins: [a1], installed: installedOf([a1, b1]), cluster: clusterOf([running(a1), running(b1)]) }
    expect(codes(given, 'b')).to.deep.equal(['warn UPGRADE_REMOVED'])
    expect(of(judge(given), 'b').values).to.include({ change: 'removed', removed: 1 })
    expect(findingOf(given, 'UPGRADE_REMOVED', 'b').message).to.contain('b: r.io/acme/b:v1.0.0 is installed, and not in the new Config')
  })

  it('has one for what was added by hand', () => {
    const given = { plugins: [a1], cluster: clusterOf([running(a1), running(b1)]) }
    expect(findingOf(given, 'UPGRADE_REMOVED', 'b').message).to.contain('somebody added it by hand')
  })

  it('has one for what is installed and does not run', () => {
    const given = { plugins: [a1], installed: installedOf([a1, b1]), cluster: clusterOf([running(a1)]) }
    expect(findingOf(given, 'UPGRADE_REMOVED', 'b').message).to.contain('does not run')
  })

  it("has none for Embedded Cluster's own plugin", () => {
    expect(judge({ plugins: [a1], cluster: clusterOf([running(a1)]) }).map(({ plugin }) => plugin)).to.deep.equal([undefined, 'a'])
  })
})

describe('upgrade analyzer: what could not be read', () => {
  for (const call of ['installations', 'configSecret'] as const)
    it(`is no pass of any plugin when ${call} may not be read`, () => {
      const installed = { from: 'the cluster site', ...failed('CLUSTER_FORBIDDEN', `RBAC does not allow ${call}.`) }
      const given = { plugins: [a1, b1], installed, cluster: clusterOf([running(a1)], { calls: refusing('CLUSTER_FORBIDDEN', call) }) }
      expect(codes(given)).to.include('fail UPGRADE_UNREAD')
      expect(codes(given, 'a')).to.include('fail UPGRADE_UNREAD')
      // Whether b is new nobody knows.
      expect(codes(given, 'b')).to.deep.equal(['fail UPGRADE_UNREAD'])
      expect(findingOf(given, 'UPGRADE_UNREAD', 'b').message).to.contain(`RBAC does not allow ${call}.`)
    })

  for (const code of ['CLUSTER_FORBIDDEN', 'CLUSTER_TIMEOUT', 'CLUSTER_UNREACHABLE', 'TIMED_OUT'] as const)
    for (const call of ['deployment', 'pods'] as const)
      it(`is no pass of any plugin when ${call} is answered by ${code}`, () => {
        const { deployment, pods: _, ...rest } = clusterOf([running(a1)])
        const cluster = { ...rest, ...(call === 'deployment' ? {} : { deployment: deployment! }), calls: refusing(code, call) }
        const given = { plugins: [a1, b1], installed: installedOf([a1]), cluster }
        expect(codes(given)).to.include('fail UPGRADE_UNREAD')
        expect(codes(given, 'a')).to.include('fail UPGRADE_UNREAD')
        expect(codes(given, 'b')).to.include('fail UPGRADE_UNREAD')
      })

  it('is no pass of the time that pulling takes when the nodes may not be read', () => {
    const { nodes: _, ...rest } = clusterOf([running(a1)])
    const given = { plugins: [a1], cluster: { ...rest, calls: refusing('CLUSTER_FORBIDDEN', 'nodes') } }
    expect(codes(given)).to.include('fail UPGRADE_UNREAD')
    expect(codes(given)).to.not.include('pass UPGRADE_PULL_TIME')
    expect(of(judge(given)).values).to.include({ pullBytes: -1, pullSeconds: -1 })
  })

  it('is an installed Config that is none: a fail', () => {
    const installed = { from: 'the cluster site', ...failed('CONFIG_INVALID') }
    expect(codes({ plugins: [a1], installed }, 'a')).to.include('fail UPGRADE_UNREAD')
  })

  it('is a warn when there is no Installation, and what runs is compared all the same', () => {
    const installed = { from: 'the cluster site', ...failed('CONFIG_NOT_FOUND', 'There is none.') }
    const given = { plugins: [a2], installed, cluster: clusterOf([running(a1)]) }
    expect(codes(given)).to.include('warn UPGRADE_NOTHING_INSTALLED')
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UPDATED'])
  })

  it('is a warn when no cluster was read', () => {
    const given = { plugins: [a2], installed: installedOf([a1, b1]), cluster: null }
    expect(codes(given)).to.include.members(['warn UPGRADE_NO_CLUSTER', 'pass UPGRADE_COMPARED'])
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UPDATED'])
    expect(codes(given, 'b')).to.deep.equal(['warn UPGRADE_REMOVED'])
  })

  it('is a warn when there is no Deployment of Velero, or no pod of it', () => {
    const { deployment, ...rest } = clusterOf([running(a1)])
    expect(findingOf({ plugins: [a1], cluster: rest }, 'UPGRADE_NOTHING_RUNS').message).to.contain('there is no Deployment velero')
    expect(
      findingOf({ plugins: [a1], cluster: { ...rest, deployment: deployment!, pods: [] } }, 'UPGRADE_NOTHING_RUNS').message,
    ).to.contain('has no pod')
  })

  it('is no pass when nothing was collected to compare with', () => {
    expect(() => upgrade.analyze({ read: () => [], plugins: [] } as never)).to.throw('There is nothing to compare the Config with.')
  })

  it('names what was compared', () => {
    const given = { plugins: [a2], installed: installedOf([a1]), cluster: clusterOf([running(a1)]) }
    const { message, evidence } = findingOf(given, 'UPGRADE_COMPARED')
    expect(message).to.equal(
      'the new Config was compared with the installed Config (the cluster site, Installation 20260301) and what runs.',
    )
    expect(evidence).to.deep.equal(['new: a (r.io/acme/a:v1.1.0)', 'installed: a (r.io/acme/a:v1.0.0)', 'runs: a (r.io/acme/a:v1.0.0)'])
  })
})

describe('upgrade analyzer: the whole', () => {
  it('warns of another order where two images copy a file of one name, or nobody knows', () => {
    const given = { plugins: [b1, a1], installed: installedOf([a1, b1]), cluster: clusterOf([running(a1), running(b1)]), ...quiet }
    const clash = [built('b', 'r.io/acme/b:v1.0.0', 'v1.16.0', 'same'), built('a', 'r.io/acme/a:v1.0.0', 'v1.16.0', 'same')]
    expect(codes(given)).to.include('pass UPGRADE_ORDER_HARMLESS')
    expect(codes({ ...given, binaries: clash })).to.include('warn UPGRADE_ORDER_CHANGED')
    expect(codes({ ...given, binaries: clash.slice(1) })).to.include('warn UPGRADE_ORDER_CHANGED')
    expect(findingOf({ ...given, binaries: clash }, 'UPGRADE_ORDER_CHANGED').message).to.contain('b, a instead of a, b')
  })

  it('says nothing of an order in which something is new or gone', () => {
    const given = { plugins: ['c r.io/acme/c:v1', a1], installed: installedOf([a1, b1]), cluster: clusterOf([running(a1), running(b1)]) }
    expect(codes(given).join()).to.not.contain('ORDER')
  })

  const override = (...names: readonly string[]) => `version: 3.0.0
  unsupportedOverrides:
    builtInExtensions:
      - name: velero
        values: |
          initContainers: [${names.map(name => `{name: ${name}, image: "r.io/acme/${name}:v1.0.0"}`).join(', ')}]`

  it('fails an override that drops what is declared or runs', () => {
    const given = { plugins: [a1], cluster: clusterOf([running(a1), running(b1)]), more: override('b') }
    expect(findingOf(given, 'UPGRADE_OVERRIDE_DROPS').message).to.contain('a, velero-plugin-for-aws are not among them')
    expect(codes(given, 'a')).to.deep.equal(['warn UPGRADE_REMOVED'])
    expect(of(judge(given), 'a').values.change).to.equal('removed')
  })

  it('warns of an override that has all of them', () => {
    const given = { plugins: [a1], cluster: clusterOf([running(a1)]), more: override('velero-plugin-for-aws', 'a') }
    expect(codes(given)).to.include('warn UPGRADE_OVERRIDE')
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED'])
  })

  it('warns that the admin console drops plugins, and where it sees no upgrade at all', () => {
    const given = { plugins: [a1, b1], installed: installedOf([a1]), cluster: clusterOf([running(a1)]) }
    expect(findingOf(given, 'UPGRADE_CONSOLE_DROPS').message).to.contain('Velero would run without a, b. Since spec.version is the same')
    const newer = { ...given, more: 'version: 2.19.5+k8s-1.36' }
    expect(findingOf(newer, 'UPGRADE_CONSOLE_DROPS').message).to.not.contain('Since spec.version')
  })

  for (const [what, given] of [
    ['of Embedded Cluster 3, which has none', { plugins: [a1], ...quiet }],
    [
      'of a Config whose override keeps them',
      { plugins: [a1], more: override('velero-plugin-for-aws', 'a').replace('3.0.0', '2.19.4+k8s-1.36') },
    ],
    [
      'of a cluster without Embedded Cluster',
      {
        plugins: [a1],
        installed: { from: 'the cluster site', ...failed('CONFIG_NOT_FOUND') },
        cluster: { ...clusterOf([running(a1)]), installation: undefined as never },
      },
    ],
  ] as const)
    it(`says nothing of the admin console ${what}`, () => {
      expect(codes(given).join()).to.not.contain('CONSOLE')
    })

  it('warns of plugins that an earlier Installation had and the current one lacks', () => {
    const earlier = {
      installation: '20260201',
      plugins: [
        { name: 'a', image: 'r.io/acme/a:v1.0.0' },
        { name: 'z', image: 'z' },
      ],
    }
    const given = { plugins: [a1], installed: installedOf([], undefined, { earlier }), cluster: clusterOf([]) }
    expect(findingOf(given, 'UPGRADE_CONSOLE_DROPPED').message).to.contain('20260201 had a, and the current one, 20260301, has not')
    expect(codes({ ...given, installed: installedOf([a1], undefined, { earlier }) }).join()).to.not.contain('DROPPED')
  })
})

describe('upgrade analyzer: no plugin in the new Config', () => {
  it('is a pass when there was none, whatever else there would be to say', () => {
    expect(codes({ plugins: [], cluster: null })).to.deep.equal(['pass UPGRADE_NO_PLUGINS'])
    const installed = { from: 'the cluster site', ...failed('CONFIG_NOT_FOUND') }
    expect(codes({ plugins: [], installed, cluster: clusterOf([]) })).to.deep.equal(['pass UPGRADE_NO_PLUGINS'])
  })

  it('is none when there was one', () => {
    const given = { plugins: [], installed: installedOf([a1]), cluster: clusterOf([running(a1)]) }
    expect(codes(given, 'a')).to.deep.equal(['warn UPGRADE_REMOVED'])
    expect(codes(given)).to.include('pass UPGRADE_COMPARED')
  })

  it('is none when it is not known whether there was one', () => {
    const installed = { from: 'the cluster site', ...failed('CLUSTER_FORBIDDEN') }
    expect(codes({ plugins: [], installed, cluster: clusterOf([]) })).to.include('fail UPGRADE_UNREAD')
    expect(codes({ plugins: [], cluster: clusterOf([], { calls: refusing('CLUSTER_TIMEOUT', 'pods') }) })).to.include('fail UPGRADE_UNREAD')
  })
})

describe('upgrade analyzer: Velero', () => {
  const messages = (given: UpgradeCase) =>
    of(judge(given))
      .findings.map(({ message }) => message)
      .join('\n')

  it('says which one runs and which one will, by the Config, or by the flag, which goes before', () => {
    const given = { plugins: [a1], installed: installedOf([a1]), cluster: clusterOf([running(a1)]) }
    expect(messages(given)).to.contain('with Velero 1.18.2; as now.')
    expect(messages({ ...given, veleroVersion: '1.19.0' })).to.contain('with Velero 1.19.0; 1.18.2 until now.')
  })

  it('takes the one that runs from the Deployment, and without one from the installed Config', () => {
    const { deployment: _, ...rest } = clusterOf([])
    const given = { plugins: [a1], installed: installedOf([a1], 'version: 2.13.0+k8s-1.33'), cluster: rest }
    expect(messages(given)).to.contain('with Velero 1.18.2; 1.17.1 until now.')
    expect(messages({ ...given, installed: installedOf([a1], 'version: 1.30.0+ec.1') })).to.contain('which one is there now is not known')
  })

  it('warns when an earlier one comes', () => {
    expect(codes({ plugins: [a1], veleroVersion: '1.17.1' })).to.include('warn UPGRADE_VELERO_DOWNGRADED')
    expect(codes({ plugins: [a1], veleroVersion: '1.18.2' })).to.include('pass UPGRADE_VELERO')
  })

  for (const version of ['version: 3.0.0', 'version: 1.30.0+ec.1', 'version: 2.12.0+k8s-1.33', 'binaryOverrideUrl: ""'])
    it(`warns when nobody says which one comes (${version})`, () => {
      expect(codes({ plugins: [a1], more: version })).to.include('warn UPGRADE_VELERO_UNKNOWN')
    })

  for (const [framework, expected] of [
    ['v1.18.2', []],
    ['v1.18.9', []],
    ['v1.7.0', []],
    ['v1.19.0', ['warn UPGRADE_FRAMEWORK_NEWER']],
    ['v2.0.0', ['warn UPGRADE_FRAMEWORK_NEWER']],
  ] as const)
    it(`says of a plugin that was built with ${framework}: ${expected.join() || 'nothing'}`, () => {
      const given = { plugins: [a1], cluster: clusterOf([running(a1)]), binaries: [built('a', 'r.io/acme/a:v1.0.0', framework)] }
      expect(codes(given, 'a').slice(1)).to.deep.equal(expected)
    })

  it('warns when it could not be read with what a plugin was built', () => {
    const unread = { plugin: 'a', image: 'r.io/acme/a:v1.0.0', platform: 'linux/amd64', ...failed('LAYER_CORRUPT') }
    for (const binaries of [[unread], []])
      expect(codes({ plugins: [a1], cluster: clusterOf([running(a1)]), binaries }, 'a').slice(1)).to.deep.equal([
        'warn UPGRADE_FRAMEWORK_UNREAD',
      ])
  })

  for (const [tag, expected, words] of [
    ['v1.14.2', [], ''],
    ['v1.13.0', ['warn UPGRADE_MATRIX'], 'is made for Velero 1.17, and the upgrade brings 1.18.2'],
    ['v1.15.0', ['warn UPGRADE_MATRIX'], 'is made for Velero 1.19'],
    ['latest', ['warn UPGRADE_MATRIX'], 'cannot be told from its tag. Take velero-plugin-for-gcp 1.14.'],
  ] as const)
    it(`holds velero-plugin-for-gcp ${tag} against Velero 1.18.2: ${expected.join() || 'nothing'}`, () => {
      const gcp = `gcp velero/velero-plugin-for-gcp:${tag}`
      const given = { plugins: [gcp], cluster: clusterOf([running(gcp)]), served: [served('gcp', gcp.split(' ')[1]!, gcp.split(' ')[1]!)] }
      const found = of(judge(given), 'gcp').findings.filter(({ code }) => code === 'UPGRADE_MATRIX')
      expect(found.map(({ status, code }) => `${status} ${code}`)).to.deep.equal(expected)
      expect(found[0]?.message ?? '').to.contain(words)
    })

  it('holds the plugin for aws that runs against it where no Embedded Cluster brings another one', () => {
    const installed = { from: 'the cluster site', ...failed('CONFIG_NOT_FOUND') }
    const given = { plugins: [a1], installed, cluster: clusterOf([running(a1)]) }
    expect(codes({ ...given, veleroVersion: '1.18.3' }).join()).to.not.contain('MATRIX')
    expect(findingOf({ ...given, veleroVersion: '1.19.0' }, 'UPGRADE_MATRIX').message).to.contain('v1.14.2-amd64 is made for Velero 1.18')
    expect(codes({ ...given, installed: installedOf([a1]), veleroVersion: '1.19.0' }).join()).to.not.contain('MATRIX')
  })

  it('holds what an override brings against it too', () => {
    const more = `version: 2.19.4+k8s-1.36
  unsupportedOverrides:
    builtInExtensions:
      - name: velero
        values: |
          initContainers: [{name: velero-plugin-for-aws, image: "x"}, {name: a, image: "r.io/acme/a:v1.0.0"}, {name: az, image: "velero/velero-plugin-for-microsoft-azure:v1.10.0"}]`
    expect(findingOf({ plugins: [a1], cluster: clusterOf([running(a1)]), more }, 'UPGRADE_MATRIX').message).to.match(/^az: /)
  })
})

describe('upgrade analyzer: the time that Helm waits', () => {
  const large = (size: number) => ({
    plugins: [a2],
    installed: installedOf([a1]),
    served: [served('a', 'r.io/acme/a:v1.1.0', 'new', { platforms: [bytesOf('new', 'linux/amd64', size)] })],
  })

  it('is held against what the node has to pull, with what was assumed', () => {
    const given = { ...large(80_000_000), cluster: clusterOf([running(a1)]) }
    const { message, evidence } = findingOf(given, 'UPGRADE_PULL_TIME')
    expect(message).to.equal("the node a has to pull 100 MB, about 22 s of the 240 s that Helm's five minutes leave for it.")
    expect(evidence?.[0]).to.equal('to pull: r.io/acme/a:v1.1.0')
    expect(evidence?.[1]).to.contain('assumed: 5.0 MB/s, since no --pull-rate was given')
    expect(of(judge(given)).values).to.include({ pullBytes: 100_000_000, pullSeconds: 22 })
  })

  for (const [size, rate, code] of [
    [1_170_000_000, undefined, 'pass UPGRADE_PULL_TIME'],
    [1_170_000_001, undefined, 'warn UPGRADE_PULL_SLOW'],
    [1_170_000_001, 5_100_000, 'pass UPGRADE_PULL_TIME'],
    [80_000_000, 400_000, 'warn UPGRADE_PULL_SLOW'],
  ] as const)
    it(`is ${code} for ${size} bytes and a layer of 20 MB at ${rate ?? 'the assumed rate'}`, () => {
      const given = { ...large(size), cluster: clusterOf([running(a1)]), ...(rate === undefined ? {} : { pullBytesPerSecond: rate }) }
      expect(codes(given)).to.include(code)
    })

  const image = 'r.io/acme/a:v1.1.0'
  const others = [{ digest: digest('old'), ok: true, platforms: [bytesOf('old')] }] as const
  for (const [what, nodes, bytes] of [
    ['nothing of it', [node('a')], 21_000_000],
    ['the image by its tag', [node('a', [image])], 0],
    ['the image by its digest, under another name', [node('a', [`mirror.io/a@${digest('new')}`])], 0],
    ['another version with the same base', [node('a', [`r.io/acme/a@${digest('old')}`])], 1_000_000],
    ['another image', [node('a', [`r.io/acme/b@${digest('b')}`])], 21_000_000],
    ['all, and another node of the control plane none', [node('a', [image]), node('b')], 21_000_000],
    ['all, and a worker none', [node('a', [image]), { name: 'w', platform: 'linux/amd64', ready: true, images: [] }], 0],
  ] as const)
    it(`counts ${bytes} bytes when the node has ${what}`, () => {
      const given = {
        plugins: [a2],
        installed: installedOf([a1]),
        cluster: clusterOf([running(a1)], { nodes }),
        served: [served('a', image, 'new', { others })],
      }
      expect(of(judge(given)).values.pullBytes).to.equal(bytes)
    })

  it('takes a tag that the node has for the image only where kubelet does not ask every time', () => {
    const plugins = [`${a2} Always`]
    const cluster = clusterOf([], { nodes: [node('a', [image])] })
    expect(of(judge({ plugins, installed: installedOf([]), cluster, served: [served('a', image, 'new')] })).values.pullBytes).to.equal(
      21_000_000,
    )
  })

  it('counts a layer that two images share once', () => {
    const plugins = [a2, 'b r.io/acme/b:v1.0.0']
    expect(of(judge({ plugins, installed: installedOf([]), cluster: clusterOf([]) })).values.pullBytes).to.equal(22_000_000)
  })

  it('takes every node for one that has nothing when none was asked', () => {
    const { nodes: _, ...rest } = clusterOf([running(a1)])
    expect(findingOf({ plugins: [a1], cluster: rest }, 'UPGRADE_PULL_TIME').message).to.contain('a node that has none of the images')
    expect(findingOf({ plugins: [a1], cluster: null }, 'UPGRADE_PULL_TIME').evidence?.at(-1)).to.contain('the nodes were not asked')
  })

  it('is not known where no node tells its platform, or an image is not for it', () => {
    const nodes = [{ name: 'new', ready: false }]
    expect(codes({ plugins: [a1], cluster: clusterOf([running(a1)], { nodes }) })).to.include('warn UPGRADE_PULL_UNKNOWN')
    const arm = [{ ...node('b'), platform: 'linux/arm64' }, node('c')]
    expect(codes({ plugins: [a1], cluster: clusterOf([running(a1)], { nodes: arm }) })).to.include('warn UPGRADE_PULL_UNKNOWN')
  })
})

describe('upgrade analyzer: its words', () => {
  it('escape what Configs, clusters and registries say', () => {
    const odd = '\u001b[2J\n'
    const cluster = clusterOf([`x${odd} r.io/y${odd}:v1`], { context: odd, nodes: [node(odd)] })
    const installed = { ...installedOf([a1, b1]), from: odd, installation: odd }
    const texts = judgeUpgrade({ plugins: [a1], installed, cluster, veleroVersion: '1.17.0' })
      .flatMap(({ findings }) => findings)
      .flatMap(({ message, evidence = [] }) => [message, ...evidence])
    expect(texts.filter(text => [...text].some(char => char < ' '))).to.deep.equal([])
  })

  it('have given every code of its table in the tests above', () => {
    expect(Object.keys(upgrade.codes).filter(code => !seen.has(code))).to.deep.equal([])
  })
})
