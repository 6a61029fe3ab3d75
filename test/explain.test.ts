import { expect } from 'chai'
import { codeMeanings } from '../src/code-docs.ts'
import { explain } from '../src/explain.ts'
import { command } from './support/command.ts'

describe('explain', () => {
  it('says of every code what docs/errors.md says', () => {
    for (const { code, meaning, remedy = '' } of codeMeanings)
      expect(explain(code)).to.contain(`${code}: `).and.to.contain(meaning).and.to.contain(remedy)
  })

  it('says of which check a code is, what to do, and how it may be taken', () => {
    expect(explain('IMAGE_TAG_MOVED')).to.match(
      /^IMAGE_TAG_MOVED: a warn of the check image\n\n {2}.+\n {2}What to do: .+\n {2}.*--accept IMAGE_TAG_MOVED.*\n {2}More: docs\/checks\/image\.md\n$/,
    )
    expect(explain('IMAGE_NOT_FOUND')).to.not.contain('--accept')
  })

  it('says with which exit an error of the run ends', () => expect(explain('USAGE')).to.contain('ends with exit 2'))

  it('says all that a code means', () => expect(explain('FACT_ALTERED').match(/^FACT_ALTERED: /gm)).to.have.length(2))

  for (const argv of [
    ['explain', 'image-not-found'],
    ['--explain', 'IMAGE_NOT_FOUND'],
    ['--explain=IMAGE_NOT_FOUND'],
    ['run', '--explain', 'IMAGE_NOT_FOUND'],
  ]) {
    it(`is ${argv.join(' ')}`, async () => {
      const { code, out } = await command(argv)
      expect([code, out]).to.deep.equal([0, explain('IMAGE_NOT_FOUND')])
    })
  }

  it('suggests the code that was probably meant, and ends with 2', async () => {
    const { code, out, err } = await command(['explain', 'IMAGE_NOT_FOND'])
    expect([code, out]).to.deep.equal([2, ''])
    expect(err).to.contain('There is no code IMAGE_NOT_FOND.\nWas IMAGE_NOT_FOUND meant?')
  })

  it('drives no terminal with what is no code', async () => {
    expect((await command(['explain', 'X\u001b[2J'])).err)
      .to.contain('X\\u001b[2J')
      .and.to.contain('docs/errors.md lists all codes')
  })

  it('ends with 2 without a code', async () => expect((await command(['--explain'])).code).to.equal(2))
})
