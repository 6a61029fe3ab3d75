import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { familiarReference, parseReference } from '../../src/oci/reference.ts'
import { oracle, rowsOrSkip } from './oracle.ts'

interface Row {
  readonly reference: string
  readonly error?: string
  readonly domain?: string
  readonly path?: string
  readonly familiar?: string
  readonly tag?: string
  readonly digest?: string
}

const answer = (reference: string): Omit<Row, 'reference'> => {
  try {
    const image = parseReference(reference)
    const { domain, path, tag, digest } = image
    return { domain, path, familiar: familiarReference(image), ...(tag && { tag }), ...(digest && { digest }) }
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error
    return { error: error.message }
  }
}

describe('image references, as distribution/reference 0.6 splits them', () => {
  it('answers every case of the oracle alike', function () {
    const rows = rowsOrSkip(this, oracle<Row>('references'))
    const differences = rows.filter(({ reference, ...expected }) => {
      const actual = answer(reference)
      return expected.error === undefined
        ? JSON.stringify(sorted(actual)) !== JSON.stringify(sorted(expected))
        : actual.error === undefined || !actual.error.includes('is not an image reference')
    })
    expect(differences).to.deep.equal([])
  })
})

const sorted = (row: object) => Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))
