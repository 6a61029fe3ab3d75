import { expect } from 'chai'
import { configCrd } from '../../src/embedded-cluster/crd.ts'

describe('configCrd', () => {
  const { versions, conversion } = configCrd().spec
  it('stores v1beta1 and serves v1 with the same fields', () => {
    expect(versions.map(({ name, served, storage }) => [name, served, storage])).to.deep.equal([
      ['v1beta1', true, true],
      ['v1', true, false],
    ])
    expect(versions[0]?.schema).to.deep.equal(versions[1]?.schema)
    expect(conversion).to.deep.equal({ strategy: 'None' })
  })
  it('knows the fields of a plugin, and keeps what it does not know', () => {
    const text = JSON.stringify(versions[0]?.schema)
    expect(text).to.contain('"imagePullPolicy":{"type":"string"}').and.contain('"x-kubernetes-preserve-unknown-fields":true')
  })
})
