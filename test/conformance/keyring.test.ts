import { expect } from 'chai'
import { type KeyringSecret, keyOf, lookUp } from '../../src/kubelet/keyring.ts'
import { oracle, rowsOrSkip } from './oracle.ts'

interface Row {
  readonly image: string
  readonly secrets: readonly KeyringSecret[]
  readonly found?: boolean
  readonly credentials?: readonly { readonly Username: string; readonly Password: string }[]
  readonly error?: string
}

/** A login with what decides its place: `kubelet` tries those of one secret with one key in the random order of a Go map. */
interface Placed {
  readonly login: string
  readonly place: string
}

const answer = ({ image, secrets }: Row): readonly Placed[] | undefined => {
  const keyring = lookUp(image, secrets)
  if ('fault' in keyring) return undefined
  return keyring.credentials.map(({ username, password, secret, entry }) => ({
    login: JSON.stringify([username, password]),
    place: `${secret} ${keyOf(entry)}`,
  }))
}

const expected = ({ credentials = [] }: Row): readonly string[] =>
  credentials.map(({ Username = '', Password = '' }) => JSON.stringify([Username, Password]))

/** Same logins, and the same order but within one place. */
const alike = (row: Row): boolean => {
  const actual = answer(row)
  if (actual === undefined || row.error !== undefined) return actual === undefined && row.error !== undefined
  const wanted = expected(row)
  const placesOf = (login: string) => new Set(actual.filter(one => one.login === login).map(one => one.place))
  return (
    row.found === actual.length > 0 &&
    actual
      .map(one => one.login)
      .toSorted()
      .join() === wanted.toSorted().join() &&
    actual.every(({ place }, i) => placesOf(wanted[i]!).has(place))
  )
}

describe("kubelet 1.34's keyring", () => {
  it('gives the same logins in the same order, or an error, in every case of the oracle', function () {
    const rows = rowsOrSkip(this, oracle<Row>('keyring'))
    expect(rows.filter(row => !alike(row)).map(row => ({ row, actual: answer(row) }))).to.deep.equal([])
  })
})
