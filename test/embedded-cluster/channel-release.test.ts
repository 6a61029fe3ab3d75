import { expect } from 'chai'
import { channelReleaseIn } from '../../src/embedded-cluster/channel-release.ts'

const file = (name: string, text: string) => ({ file: name, bytes: Buffer.from(text) })
const text = '# channel release object\nchannelID: c1\nchannelSlug: stable\nappSlug: my-app\nversionLabel: "1.0.0"\n'
const found = { file: 'release.yaml', appSlug: 'my-app', channelId: 'c1', versionLabel: '1.0.0' }

describe('what a release says of itself', () => {
  it('stands in the file with the comment, whatever its name', () => {
    expect(channelReleaseIn([file('a.yaml', 'appSlug: x\n'), file('b.txt', text)])).to.deep.equal({ ...found, file: 'b.txt' })
  })
  it('is that of the last such file', () => {
    expect(channelReleaseIn([file('a.yaml', text.replace('c1', 'c0')), file('release.yaml', text)])).to.deep.equal(found)
  })
  it('has a domain where one is named', () => {
    const more = `${text}defaultDomains: {replicatedAppDomain: a.example.com, proxyRegistryDomain: p.example.com}\n`
    expect(channelReleaseIn([file('release.yaml', more)])).to.deep.equal({ ...found, proxyRegistryDomain: 'p.example.com' })
  })
  for (const [label, read] of [
    ['1.10', '1.10'],
    ['0x10', '0x10'],
    ['yes', 'yes'],
    ['~', ''],
  ] as const)
    it(`keeps the version ${label} as it is written, as go-yaml v3 does`, () => {
      expect(channelReleaseIn([file('release.yaml', text.replace('"1.0.0"', label))])?.versionLabel).to.equal(read)
    })
  for (const [what, files] of [
    ['without the comment', [file('release.yaml', text.replace('#', '# a'))]],
    ['that is no YAML', [file('release.yaml', `${text}: [`)]],
    ['that is a list', [file('release.yaml', '# channel release object\n- a\n')]],
  ] as const)
    it(`is not known of a file ${what}`, () => {
      expect(channelReleaseIn(files)).to.equal(undefined)
    })
})
