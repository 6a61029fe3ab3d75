import { expect } from 'chai'
import { createProgress } from '../src/progress.ts'

describe('progress', () => {
  const lines = (isTTY: boolean, quiet = false, columns = 80) => {
    const written: string[] = []
    const progress = createProgress({ write: text => written.push(text), isTTY, columns }, { quiet })
    progress.event({ check: 'image', state: 'began' })
    progress.event({ check: 'image', state: 'at', text: 'a\u001b[2J\n: asking' })
    progress.event({ check: 'image', state: 'ended' })
    progress.end()
    return written
  }

  it('is one line of a terminal, which is taken away in the end and which no name can drive', () => {
    expect(lines(true)).to.deep.equal([
      '\r\u001b[Kchecking image',
      '\r\u001b[Kchecking image: a\\u001b[2J\\u000a: asking',
      '\r\u001b[Kchecking ',
      '\r\u001b[K',
    ])
  })

  it('is never wider than the terminal', () => {
    expect(Math.max(...lines(true, false, 20).map(line => line.length - '\r\u001b[K'.length))).to.equal(19)
  })

  it('is a line for each check elsewhere', () => {
    expect(lines(false)).to.deep.equal(['image: collected\n'])
  })

  it('is silent when it is asked to be', () => {
    expect(lines(true, true)).to.deep.equal([])
  })
})
