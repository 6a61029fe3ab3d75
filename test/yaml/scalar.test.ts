import { expect } from 'chai'
import { asText, resolvePlain } from '../../src/yaml/scalar.ts'

describe('plain scalars are what go-yaml v2 makes of them', () => {
  const cases: [text: string, value: unknown, asString: string][] = [
    ['yes', true, 'true'],
    ['on', true, 'true'],
    ['y', true, 'true'],
    ['True', true, 'true'],
    ['tRUE', 'tRUE', 'tRUE'],
    ['no', false, 'false'],
    ['OFF', false, 'false'],
    ['~', null, ''],
    ['', null, ''],
    ['Null', null, ''],
    ['5', 5n, '5'],
    ['+5', 5n, '5'],
    ['-0', 0n, '0'],
    ['010', 8n, '8'],
    ['0o10', 8n, '8'],
    ['08', 8, '8'],
    ['0x1F', 31n, '31'],
    ['-0b11', -3n, '-3'],
    ['1_000', 1000n, '1000'],
    ['18446744073709551615', 18446744073709551615n, '18446744073709551615'],
    ['18446744073709551616', 2 ** 64, '1.8446744e+19'],
    ['-9223372036854775808', -9223372036854775808n, '-9223372036854775808'],
    ['1.50', 1.5, '1.5'],
    ['1.10', 1.1, '1.1'],
    ['.5', 0.5, '0.5'],
    ['1e3', 1000, '1000'],
    ['1e6', 1000000, '1e+06'],
    ['123456.7', 123456.7, '123456.7'],
    ['1234567.8', 1234567.8, '1.2345678e+06'],
    ['0.0001', 0.0001, '0.0001'],
    ['0.00001', 0.00001, '1e-05'],
    ['1e400', '1e400', '1e400'],
    ['.', '.', '.'],
    ['-', '-', '-'],
    ['1.2.3', '1.2.3', '1.2.3'],
    ['2020-01-01', '2020-01-01', '2020-01-01'],
    ['12:30:45', '12:30:45', '12:30:45'],
    ['v1', 'v1', 'v1'],
    ['<<', '<<', '<<'],
  ]
  for (const [text, value, asString] of cases) {
    it(`${text === '' ? 'nothing' : text} is ${String(value)}, where text is wanted "${asString}"`, () => {
      expect(resolvePlain(text)).to.equal(value)
      expect(asText(resolvePlain(text))).to.equal(asString)
    })
  }
  it('knows infinity and what is no number', () => {
    expect([resolvePlain('.NaN'), resolvePlain('-.inf')].map(asText)).to.deep.equal(['NaN', '-Inf'])
  })
  it('takes no time over digits without end', () => {
    const digits = '9'.repeat(1_000_000)
    expect(resolvePlain(digits)).to.equal(digits)
  })
})
