import { expect } from 'chai'
import { parseModules } from '../../src/oci/go-modules.ts'
import { discover } from '../../src/velero/discovery.ts'
import { effectiveArgv, searchPath } from '../../src/velero/effective-argv.ts'
import { isNewer, isProtocol1, parseVersion, pluginModules } from '../../src/velero/framework.ts'
import { tar } from '../support/tar-writer.ts'
import { unpack } from '../support/unpack.ts'

describe("Velero's framework in a binary", () => {
  const modules = (...lines: readonly string[]) => pluginModules(parseModules(lines.join('\n')))

  for (const path of [
    'github.com/vmware-tanzu/velero',
    'github.com/velero-io/velero',
    'github.com/heptio/velero',
    'github.com/heptio/ark',
  ]) {
    it(`is found as ${path}`, () => {
      expect(modules(`dep\t${path}\tv1.0.0`)).to.deep.equal({ framework: { path, version: 'v1.0.0' } })
    })
  }

  it('is known by what go.mod requires, with the fork that was built', () => {
    expect(
      modules(
        'dep\tgithub.com/vmware-tanzu/velero\tv1.14.0',
        '=>\tgithub.com/openshift/velero\tv0.10.2',
        'dep\tgithub.com/hashicorp/go-plugin\tv1.6.0',
      ),
    ).to.deep.equal({
      framework: {
        path: 'github.com/vmware-tanzu/velero',
        version: 'v1.14.0',
        replacedBy: { path: 'github.com/openshift/velero', version: 'v0.10.2' },
      },
      goPlugin: 'v1.6.0',
    })
  })

  it('is not in what only sounds like it', () => {
    expect(modules('dep\tgithub.com/vmware-tanzu/velero-plugin-for-aws\tv1.0.0', 'dep\texample.com/velero\tv1.0.0')).to.deep.equal({})
  })

  const newer: readonly (readonly [string, string, boolean | undefined])[] = [
    ['v1.18.1', '1.18.0', false],
    ['v1.18.1', '1.17.9', true],
    ['v1.17.0', '1.18.2', false],
    ['v2.0.0', '1.18.2', true],
    ['v1.19.0-rc.1.0.20260101000000-0123456789ab', 'v1.18.2', true],
    ['v0.0.0-20250101000000-0123456789ab', '1.18.2', undefined],
    ['(devel)', '1.18.2', undefined],
    ['v1.18.1', 'latest', undefined],
  ]
  for (const [framework, server, expected] of newer) {
    it(`${framework} is ${expected === undefined ? 'perhaps' : expected ? '' : 'not '} of a later minor version than ${server}`, () => {
      expect(isNewer(framework, server)).to.equal(expected)
    })
  }

  it('spoke protocol 1 before Velero 1.0', () => {
    expect(isProtocol1({ path: 'github.com/heptio/ark', version: 'v0.10.0' })).to.equal(true)
    expect(isProtocol1({ path: 'github.com/heptio/velero', version: 'v0.11.0' })).to.equal(true)
    expect(isProtocol1({ path: 'github.com/heptio/velero', version: 'v1.0.0' })).to.equal(false)
    expect(isProtocol1({ path: 'github.com/vmware-tanzu/velero', version: 'v0.0.0-20250101000000-0123456789ab' })).to.equal(false)
  })

  it('has versions with and without v, and with what follows', () => {
    expect(parseVersion('1.18')).to.deep.equal({ major: 1, minor: 18, patch: 0 })
    expect(parseVersion('v1.18.2-rc.1+k8s')).to.deep.equal({ major: 1, minor: 18, patch: 2 })
    for (const none of ['', 'v1', '1.x', '1.2.3.4', 'latest', `1.${'9'.repeat(400)}`]) expect(parseVersion(none), none).to.equal(undefined)
  })
})

describe("the command of an image's config", () => {
  const cases: readonly (readonly [readonly string[], readonly string[], readonly string[]])[] = [
    [['cp-plugin'], ['a', 'b'], ['cp-plugin', 'a', 'b']],
    [[], ['/bin/bash', '-c', 'cp'], ['/bin/bash', '-c', 'cp']],
    [['cp'], [], ['cp']],
    [[''], ['cp', 'a'], ['cp', 'a']],
    [['', 'a'], [], ['', 'a']],
    [[], [], []],
  ]
  for (const [entrypoint, cmd, expected] of cases) {
    it(`ENTRYPOINT ${JSON.stringify(entrypoint)} and CMD ${JSON.stringify(cmd)}: ${JSON.stringify(expected)}`, () => {
      expect(effectiveArgv({ entrypoint, cmd })).to.deep.equal(expected)
    })
  }

  it("is looked for in the last PATH of its environment, else in containerd's", () => {
    expect(searchPath(['PATH=/a', 'X=1', 'PATH=/b:/c'])).to.equal('/b:/c')
    expect(searchPath(['MYPATH=/a'])).to.equal('/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')
  })
})

describe('what Velero finds under /plugins', () => {
  it('is whatever has an execute bit, links, and Windows names; in folders too, hidden too', async () => {
    const { root } = await unpack(
      tar([
        { name: 'z', mode: 0o755, data: '' },
        { name: 'group', mode: 0o610, data: '' },
        { name: 'plain', mode: 0o644, data: '' },
        { name: 'lib.so', mode: 0o666, data: '' },
        { name: 'tool.exe', mode: 0o644, data: '' },
        { name: '.hidden', mode: 0o700, data: '' },
        { name: 'link', link: 'plain' },
        { name: 'sub/deep/x', mode: 0o755, data: '' },
      ]),
    )
    const found = discover(root)
    expect(found.filter(({ runs }) => runs).map(({ path }) => path)).to.deep.equal([
      '.hidden',
      'group',
      'link',
      'sub/deep/x',
      'tool.exe',
      'z',
    ])
    expect(found.filter(({ runs }) => !runs).map(({ path }) => path)).to.deep.equal(['lib.so', 'plain', 'sub', 'sub/deep'])
  })
})
