import { expect } from 'chai'
import { command, type Scratch, scratch } from '../support/command.ts'

const head = 'apiVersion: embeddedcluster.replicated.com/v1beta1\nkind: Config\nmetadata: {name: c}\n'
const plugins = (...list: readonly object[]) => `${head}spec: {extensions: {velero: {plugins: ${JSON.stringify(list)}}}}\n`

describe('the command lint', () => {
  let folder: Scratch
  let fine: string
  let wrong: string
  let lenient: string
  beforeEach(() => {
    folder = scratch()
    fine = folder.file('fine.yaml', plugins({ name: 'a', image: 'v/a:1' }))
    wrong = folder.file('wrong.yaml', plugins({ name: 'a', image: 'v/a:1' }, { name: 'a', image: 'v/A:1' }, { name: 'b', image: 'v/b' }))
    lenient = folder.file('lenient.yaml', plugins({ name: 'Upper', image: 'v/a:1' }))
  })
  afterEach(() => folder.remove())

  it('says of a Config without a fault what Embedded Cluster says, and no more', async () => {
    expect(await command(['lint', fine])).to.deep.equal({ code: 0, out: `Linting ${fine}...\n✓ ${fine} passed validation\n`, err: '' })
  })
  it('puts what is ours after its own, and marks it', async () => {
    const { code, out, err } = await command(['lint', wrong])
    expect(code).to.equal(1)
    expect(out).to.equal(
      `Linting ${wrong}...\n✗ ${wrong} failed validation\n⚠ ${wrong}: 0 error(s), 1 warning(s) beyond Embedded Cluster's linter\n`,
    )
    expect(err.split('\n').map(line => line.replace(`${wrong}: `, ''))).to.have.deep.members([
      `WARNING: extensions.velero.plugins[2].image: ${wrong}:4:118: plugin b: "v/b" has neither tag nor digest, so that "latest" is pulled, whatever that is at the time. Name a version, best with its digest: repository:tag@sha256:… (velero-plugin-preflight, PLUGIN_IMAGE_UNTAGGED)`,
      'ERROR: extensions.velero.plugins[1].name: duplicate plugin name "a" (also specified at index 0)',
      'ERROR: extensions.velero.plugins[1].image: invalid image reference "v/A:1"',
      'ERROR: validation failed with errors',
      '',
    ])
  })
  it("lets what Embedded Cluster's linter takes be valid, and says what it does not notice", async () => {
    const { code, out } = await command(['lint', '--output', 'json', lenient])
    const [{ valid, errors }] = (JSON.parse(out) as { files: [{ valid: boolean; errors: object[] }] }).files
    expect([code, valid]).to.deep.equal([0, true])
    expect(errors).to.have.length(1)
    expect(errors[0]).to.include({
      field: 'extensions.velero.plugins[0].name',
      source: 'velero-plugin-preflight',
      code: 'PLUGIN_NAME_INVALID',
    })
  })
  it('counts that too with --strict', async () => {
    const { code, out } = await command(['lint', '--strict', '-o', 'json', lenient])
    expect([code, JSON.parse(out).files[0].valid]).to.deep.equal([1, false])
  })
  it('warns with --strict no less, and passes warnings', async () => {
    const latest = folder.file('latest.yaml', plugins({ name: 'a', image: 'v/a:latest' }))
    expect((await command(['lint', '--strict', latest])).code).to.equal(0)
  })
  it('goes on after a file that cannot be read, with the words of Go', async () => {
    const none = `${folder.path}/none.yaml`
    const { code, out, err } = await command(['lint', none, folder.path, fine])
    expect(code).to.equal(1)
    expect(out).to.equal(`Linting ${none}...\nLinting ${folder.path}...\nLinting ${fine}...\n✓ ${fine} passed validation\n`)
    expect(err).to.equal(
      `ERROR: Failed to validate ${none}: failed to open file: open ${none}: no such file or directory\nERROR: Failed to validate ${folder.path}: failed to read file: read ${folder.path}: is a directory\nERROR: validation failed with errors\n`,
    )
  })
  it('gives JSON of all files, with what HTML takes for its own escaped as Go does', async () => {
    const html = folder.file('html.yaml', plugins({ name: 'a', image: 'a<b>&' }))
    const { code, out } = await command(['lint', '-o', 'json', fine, html])
    expect(code).to.equal(1)
    expect(JSON.parse(out).files[0]).to.deep.equal({ path: fine, valid: true })
    expect(out).to.contain('"invalid image reference \\"a\\u003cb\\u003e\\u0026\\""')
  })
  it('warns of a file without a Config, which Embedded Cluster passes', async () => {
    const { code, err } = await command(['lint', folder.file('x.yaml', 'apiVersion: v1\nkind: Service\n')])
    expect(code).to.equal(0)
    expect(err).to.contain('CONFIG_NOT_FOUND')
  })
  it('says of YAML that it gives up on where the mistake is', async () => {
    const { code, err } = await command(['lint', folder.file('x.yaml', 'a: [\n')])
    expect(code).to.equal(1)
    expect(err).to.match(/Failed to validate .*: YAML syntax error at line 1: yaml: line 1: did not find expected node content\n/)
    expect(err).to.match(/x\.yaml:1:5: a sequence is not closed.*\(velero-plugin-preflight, YAML_INVALID\)\n/)
  })
  it('takes no control character into the terminal', async () => {
    const { err } = await command([
      'lint',
      folder.file('x.yaml', `${head}spec: {unsupportedOverrides: {builtInExtensions: [{name: "\\e[31m", values: "nodePort: 80"}]}}\n`),
    ])
    expect(err).to.contain('builtInExtensions[\\u001b[31m].nodePort')
  })
  it('judges its own part by the stage', async () => {
    const { err } = await command(['lint', '--stage', 'alpha', lenient])
    expect(err).to.contain('CONFIG_PLUGINS_IGNORED').and.not.contain('PLUGIN_NAME_INVALID')
  })
})
