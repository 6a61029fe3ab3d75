import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { parseReference } from '../../src/oci/reference.ts'
import { openDockerConfig } from '../../src/world/docker-config-file.ts'
import { removeFolders, script, tempFolder } from '../support/temp-folder.ts'

const image = parseReference('r.io/acme/x:v1')
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** A folder with config.json, and on the PATH `docker-credential-test` that does `body`. */
const withHelper = async (body: string, config: object = { credsStore: 'test' }) => {
  const folder = await tempFolder({ 'config.json': JSON.stringify(config) })
  await script(folder, 'docker-credential-test', body)
  process.env.PATH = `${folder}:${process.env.PATH}`
  return folder
}

const failure = async (promise: Promise<unknown>): Promise<PreflightError> => {
  const thrown: unknown = await promise.catch(error => error)
  if (thrown instanceof PreflightError) return thrown
  throw new Error(`no PreflightError but ${thrown}`)
}

describe('--docker-config', () => {
  const path = process.env.PATH
  afterEach(async () => {
    process.env.PATH = path
    await removeFolders()
  })

  it('is a file, or the folder that holds config.json', async () => {
    const folder = await tempFolder({ 'config.json': JSON.stringify({ auths: { 'r.io': { auth: base64('bob:pw') } } }) })
    for (const given of [folder, join(folder, 'config.json')]) {
      const store = await openDockerConfig(given)
      expect(store.file).to.equal(join(folder, 'config.json'))
      expect(await store.login(image)).to.deep.equal({ username: 'bob', password: 'pw', entry: 'r.io' })
      expect(await store.login(parseReference('quay.io/x'))).to.equal(undefined)
    }
  })

  it('must be there and be one', async () => {
    const folder = await tempFolder({ 'bad.json': '{' })
    expect((await failure(openDockerConfig(folder))).code).to.equal('FILE_NOT_FOUND')
    expect((await failure(openDockerConfig(join(folder, 'none.json')))).code).to.equal('FILE_NOT_FOUND')
    expect((await failure(openDockerConfig(join(folder, 'bad.json')))).code).to.equal('DOCKER_CONFIG_INVALID')
    expect((await failure(openDockerConfig('/dev/zero'))).code).to.equal('FILE_TOO_LARGE')
  })
})

describe('credential helper', () => {
  const path = process.env.PATH
  afterEach(async () => {
    process.env.PATH = path
    await removeFolders()
  })

  it('is asked for the server on standard input, with the word get', async () => {
    const folder = await withHelper(
      'dir=$(dirname "$0"); echo "$@" >"$dir/args"; cat >"$dir/input"; echo \'{"Username": "bob", "Secret": "pw"}\'',
    )
    const store = await openDockerConfig(folder)
    expect(await store.login(image)).to.deep.equal({ username: 'bob', password: 'pw', entry: 'credsStore test' })
    expect(await readFile(join(folder, 'args'), 'utf8')).to.equal('get\n')
    expect(await readFile(join(folder, 'input'), 'utf8')).to.equal('r.io\n')
  })

  it('is asked once a registry', async () => {
    const folder = await withHelper('echo x >>"$(dirname "$0")/asked"; echo \'{"Username": "bob", "Secret": "pw"}\'')
    const store = await openDockerConfig(folder)
    await Promise.all([store.login(image), store.login(image)])
    expect(await readFile(join(folder, 'asked'), 'utf8')).to.equal('x\n')
  })

  it('may give a refresh token', async () => {
    const store = await openDockerConfig(await withHelper('echo \'{"Username": "<token>", "Secret": "t"}\''))
    expect(await store.login(image)).to.deep.equal({ username: '<token>', password: '', identityToken: 't', entry: 'credsStore test' })
  })

  it('that has no login leaves it to the next place', async () => {
    const config = { credsStore: 'test', auths: { 'r.io': { auth: base64('bob:pw') } } }
    for (const body of ['echo "credentials not found in native keychain"; exit 1', 'echo \'{"Username": "", "Secret": ""}\'']) {
      const store = await openDockerConfig(await withHelper(body, config))
      expect(await store.login(image)).to.include({ username: 'bob', entry: 'r.io' })
    }
  })

  for (const [what, body, message] of [
    ['ends with an error', 'echo hunter2; exit 3', 'ended with exit code 3'],
    ['gives something else', 'echo hunter2', 'gave something else than a Username and a Secret'],
    ['gives null', 'echo null', 'gave something else than a Username and a Secret'],
    ['writes without end', 'yes hunter2', 'wrote more than 1 MiB'],
    ['does not answer', 'exec sleep 60', 'did not answer within 0.3 s'],
  ] as const) {
    it(`that ${what} is an error without its words`, async () => {
      const store = await openDockerConfig(await withHelper(body), { timeoutMs: what === 'does not answer' ? 300 : 20_000 })
      const error = await failure(store.login(image))
      expect(error.code).to.equal('CREDENTIAL_HELPER_FAILED')
      expect(error.message).to.contain(`The credential helper docker-credential-test of the docker config ${message}`)
      expect(error.message + error.hint).to.not.contain('hunter2')
    })
  }

  it('that is not installed is an error that says how to try it', async () => {
    const folder = await tempFolder({ 'config.json': '{"credHelpers": {"r.io": "nowhere"}}' })
    const error = await failure((await openDockerConfig(folder)).login(image))
    expect(error.message).to.equal(
      'The credential helper docker-credential-nowhere of the docker config is not installed or cannot be run.',
    )
    expect(error.hint).to.equal('Try it by hand: echo r.io | docker-credential-nowhere get')
  })

  it('may end without reading what it is asked', async () => {
    const store = await openDockerConfig(await withHelper('exec <&-; echo \'{"Username": "bob", "Secret": "pw"}\''))
    expect(await store.login(image)).to.include({ username: 'bob' })
  })
})
