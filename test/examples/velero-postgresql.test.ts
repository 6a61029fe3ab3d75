import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'

const example = 'examples/velero-postgresql'
const guide = readFileSync('docs/vendor-guide.md', 'utf8')

const sources = (suffix: string): string =>
  readdirSync(example, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(suffix))
    .map(name => readFileSync(join(example, name), 'utf8'))
    .join('\n')

describe('the example plugin and the vendor guide', () => {
  it('have a test for each point of the contract', () => {
    const rows = guide.split('\n').filter(line => /^\| .* \| .* \| `Test/.test(line))
    expect(rows).to.have.length.above(7)
    const tests = sources('_test.go')
    const named = [...guide.matchAll(/`(Test\w+)`/g)].map(([, name]) => name!)
    expect(named.filter(name => !tests.includes(`func ${name}(t *testing.T)`))).to.deep.equal([])
  })

  it('name one Velero: that of the module, of the guide and of the peers', () => {
    const version = /github\.com\/vmware-tanzu\/velero (v1\.18\.\d+)/.exec(readFileSync(join(example, 'go.mod'), 'utf8'))![1]!
    expect(guide).to.contain(`go get github.com/vmware-tanzu/velero@${version}`)
    expect(readFileSync('test/interop/peers', 'utf8')).to.match(new RegExp(`^velero +github.com/vmware-tanzu/velero +${version} `, 'm'))
  })

  it('tell every setting that the plugin takes', () => {
    const settings = [...sources('config.go').matchAll(/^\tcase "([a-z-]+)":$/gm)].map(([, name]) => name!)
    expect(settings).to.have.length.above(6)
    const page = readFileSync(join(example, 'README.md'), 'utf8')
    expect(settings.filter(name => !page.includes(`\`${name}\``))).to.deep.equal([])
  })

  it('lead to pages that are there', () => {
    for (const page of ['docs/vendor-guide.md', 'docs/velero-costs.md', join(example, 'README.md')]) {
      const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([^)#:]+)\)/g)].map(([, to]) => join(dirname(page), to!))
      expect(links.filter(to => !existsSync(to))).to.deep.equal([])
    }
  })
})
