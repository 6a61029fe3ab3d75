import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parseAllDocuments } from 'yaml'
import { elsewhere, endings, secretOf } from './elsewhere.ts'
import { commandsOf, pages, programsOf } from './pages.ts'
import { startWorld, type World } from './world.ts'

/** What a line may start here. Who runs other programs stands in elsewhere.ts. */
const runHere = ['velero-plugin-preflight', 'kubectl', 'sed', 'source']

const isOf = (entry: { readonly line: string }, line: string): boolean =>
  entry.line.endsWith('…') ? line.startsWith(entry.line.slice(0, -1)) : line === entry.line

const found = <T extends { readonly page: string; readonly line: string }>(list: readonly T[], page: string, line: string) =>
  list.find(one => one.page === page && isOf(one, line))

describe('commands of the pages', () => {
  for (const page of pages) {
    const lines = commandsOf(page)
    if (lines.length > 0)
      describe(page.path, () => {
        let world: World
        before(async () => {
          world = await startWorld(secretOf[page.path])
        })
        after(() => world.close())

        for (const line of lines) {
          const other = found(elsewhere, page.path, line)
          if (other !== undefined) {
            it(`${line} is run ${other.by === undefined ? `by nobody: ${other.why}` : `by ${other.by[0]}`}`, () => {
              if (other.by !== undefined) expect(readFileSync(other.by[0], 'utf8')).to.match(other.by[1])
            })
            continue
          }
          const { exit, says, why } = found(endings, page.path, line) ?? { exit: 0, says: undefined, why: undefined }
          it(`${line} ends with ${exit}${why === undefined ? '' : `: ${why}`}`, async () => {
            expect(runHere).to.include.members([...programsOf(line)])
            const { code, out, err } = await world.shell.run(world.here(line))
            expect(code, `${out}${err}`).to.equal(exit)
            if (says !== undefined) expect(out + err).to.match(says)
            expect(out + err).to.not.contain('planted')
            if (line.includes('kubectl apply')) {
              const documents = parseAllDocuments(readFileSync(join(world.folder.path, 'applied.yaml'), 'utf8'))
              for (const document of documents) expect(document.toJS()).to.have.any.keys('kind')
            }
          })
        }
      })
  }

  it('are all there that have an ending or a suite of their own', () => {
    const unused = [...endings, ...elsewhere].filter(entry => {
      const page = pages.find(({ path }) => path === entry.page)
      return page !== undefined && !commandsOf(page).some(line => isOf(entry, line))
    })
    expect(unused.map(({ page, line }) => `${page}: ${line}`)).to.deep.equal([])
  })
})
