import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './program.ts'

/** The licence of each package that is inside, as it lies in it; of one without a file what its package.json says. */
export const licencesOf = (packages: readonly string[]): string =>
  packages
    .map(folder => {
      const path = join(root, folder)
      const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Record<string, unknown>
      const file = readdirSync(path).find(entry => /^licen[cs]e/i.test(entry))
      return `${name} ${version}\n\n${file === undefined ? `Licence: ${license}` : readFileSync(join(path, file), 'utf8').trim()}\n`
    })
    .join(`\n${'-'.repeat(80)}\n\n`)
