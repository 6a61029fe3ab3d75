import { expect } from 'chai'
import { createNameLookup } from '../../src/world/name-lookup.ts'

const table: Readonly<Record<string, readonly string[]>> = {
  public: ['192.0.2.1', '2001:db8::1'],
  private: ['10.0.0.1'],
  here: ['127.0.0.1'],
  mixed: ['192.0.2.1', '169.254.169.254'],
}

const look = (name: string, allowLoopback: boolean, all = true) => {
  const lookup = createNameLookup(async hostname => table[hostname] ?? [])
  const answer = new Promise<unknown>(resolve =>
    lookup.forSockets(allowLoopback)(name, { all }, (error, address, family) =>
      resolve(error === null ? { address, family } : { error: error.message }),
    ),
  )
  return { answer, kind: () => lookup.kindOf(new URL(`https://${name}`)) }
}

describe('name lookup', () => {
  it('gives every address in the form that was asked for', async () => {
    expect(await look('public', true).answer).to.deep.equal({
      address: [
        { address: '192.0.2.1', family: 4 },
        { address: '2001:db8::1', family: 6 },
      ],
      family: undefined,
    })
    expect(await look('public', true, false).answer).to.deep.equal({ address: '192.0.2.1', family: 4 })
  })

  it('refuses a name with one link-local address among good ones', async () => {
    expect(await look('mixed', true).answer).to.deep.equal({ error: 'its name leads to 169.254.169.254, a link-local or metadata address' })
  })

  it('refuses loopback to a stranger’s URL, and takes it for a registry that the user named', async () => {
    expect(await look('here', false).answer).to.deep.equal({ error: 'its name leads to 127.0.0.1, this machine itself' })
    expect(await look('here', true).answer).to.have.property('address')
  })

  it('takes private addresses for both: registries behind a VPN redirect to storage there', async () => {
    expect(await look('private', false).answer).to.have.property('address')
  })

  it('says that a name without addresses has none', async () => {
    expect(await look('nothing', true).answer).to.deep.equal({ error: 'nothing has no address' })
  })

  it('knows afterwards how far inside a name leads', async () => {
    for (const [name, kind] of [
      ['public', 'public'],
      ['private', 'private'],
      ['here', 'loopback'],
      ['10.0.0.1', 'private'],
    ] as const) {
      const looked = look(name, true)
      await looked.answer
      expect(looked.kind(), name).to.equal(kind)
    }
    expect(look('here', true).kind(), 'before it was resolved').to.equal('public')
  })
})
