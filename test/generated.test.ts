import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { version } from '../src/version.ts'
import { generatedFiles } from './support/generated.ts'

describe('generated files', () => {
  it('are in step with the code (npm run generate makes them)', async () => {
    for (const [path, text] of await generatedFiles()) {
      expect(existsSync(path), path).to.equal(true)
      expect(readFileSync(path, 'utf8'), path).to.equal(text)
    }
  })

  it('has the version of package.json in src/version.ts', () => {
    expect(JSON.parse(readFileSync('package.json', 'utf8')).version).to.equal(version)
  })
})
