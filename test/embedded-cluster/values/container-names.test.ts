import { expect } from 'chai'
import { containerNames } from '../../../src/embedded-cluster/values/container-names.ts'
import { configFacts, configOf } from '../../support/config-facts.ts'

const names = (plugins: readonly string[], schema: 'proposal' | 'embedded-cluster' = 'proposal') =>
  containerNames(configFacts(configOf([...plugins]))[0]!.plugins, schema)

describe('containerNames', () => {
  it('are those of the Config, whatever they are', () => {
    expect(names(['{name: Upper, image: v/a:1}', '{name: velero, image: v/b:1}', '{name: Upper, image: v/c:1}'])).to.deep.equal([
      'Upper',
      'velero',
      'Upper',
    ])
  })
  for (const [image, name] of [
    ['myvendor/velero-postgresql:v1.0.0', 'velero-postgresql'],
    ['r.io:5000/v/velero_PG:v1', 'velero-pg'],
    [`r.io/v/a@sha256:${'0'.repeat(64)}`, 'a'],
    [`v/${'a'.repeat(80)}`, 'a'.repeat(63)],
    ['v/velero', 'velero-2'],
    ['v/velero-plugin-for-aws:v1', 'velero-plugin-for-aws-2'],
    ['///', 'velero-plugin-1'],
  ] as const) {
    it(`derive ${name} of ${image}`, () => {
      expect(names([`{image: "${image}"}`])).to.deep.equal([name])
    })
  }
  it('are unique where they are derived, beside those that are written', () => {
    const long = 'a'.repeat(63)
    expect(
      names(['{image: v/a:1}', '{image: w/a:1}', '{name: a-2, image: x/a:1}', `{image: v/${long}}`, `{image: w/${long}}`]),
    ).to.deep.equal(['a', 'a-3', 'a-2', long, `${'a'.repeat(61)}-2`])
  })
  it('are empty without a name in the schema of Embedded Cluster, as it makes them', () => {
    expect(names(['{image: v/a:1}', 'null'], 'embedded-cluster')).to.deep.equal(['', ''])
  })
})
