import { join } from 'node:path'
import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { type KubeconfigOptions, readKubeconfig } from '../../src/world/cluster-kubeconfig.ts'
import { removeFolders, tempFolder } from '../support/temp-folder.ts'

const config = (names: readonly string[], more: object = {}) =>
  JSON.stringify({
    'current-context': names[0],
    contexts: names.map(name => ({ name, context: { cluster: name, user: name } })),
    clusters: names.map(name => ({ name, cluster: { server: `https://${name}.example`, 'certificate-authority': 'ca.crt' } })),
    users: names.map(name => ({ name, user: { token: `${name}-token`, 'client-key': '/abs.key', exec: { command: './login' } } })),
    ...more,
  })

const failure = async (promise: Promise<unknown>): Promise<PreflightError> => {
  const thrown: unknown = await promise.catch(error => error)
  if (thrown instanceof PreflightError) return thrown
  throw new Error(`no PreflightError but ${JSON.stringify(thrown)}`)
}

describe('a kubeconfig', () => {
  let folder: string
  beforeEach(async () => {
    folder = await tempFolder({
      'one.yaml': config(['a', 'b']),
      'two.yaml': config(['b', 'c'], { 'current-context': 'c' }),
      'empty.yaml': '',
      'none.yaml': config(['a'], { 'current-context': '' }),
      'list.yaml': '- a\n',
      'dangling.yaml': config(['a'], { clusters: [] }),
      'broken.yaml': 'users:\n- name: x\n  user: {token: planted-token, \n',
    })
  })
  afterEach(removeFolders)

  const read = (files: readonly string[], more: Partial<KubeconfigOptions> = {}) =>
    readKubeconfig({
      kubeconfigs: files.map(file => join(folder, file)),
      required: false,
      context: undefined,
      inCluster: undefined,
      ...more,
    })

  it('gives the current context with its cluster and user, and names files from its own folder', async () => {
    const { name, cluster, user } = await read(['one.yaml'])
    expect({ name, ...cluster }).to.include({ name: 'a', server: 'https://a.example', 'certificate-authority': join(folder, 'ca.crt') })
    expect(user).to.deep.include({ token: 'a-token', 'client-key': '/abs.key', exec: { command: join(folder, 'login') } })
  })

  it('gives the context that was asked for', async () => {
    expect((await read(['one.yaml'], { context: 'b' })).cluster.server).to.equal('https://b.example')
  })

  it('of several files lets the first count that has an entry, and passes over those that are not there', async () => {
    const files = ['absent.yaml', 'one.yaml', 'two.yaml']
    expect((await read(files)).name).to.equal('a')
    expect((await read(files, { context: 'c' })).user.token).to.equal('c-token')
    expect((await read(['two.yaml', 'one.yaml'])).name).to.equal('c')
  })

  for (const [file, context, message] of [
    ['one.yaml', 'aa', 'There is no context aa'],
    ['none.yaml', undefined, 'No context is current'],
    ['empty.yaml', undefined, 'No context is current'],
    ['list.yaml', undefined, 'is no kubeconfig: it is not a mapping'],
    ['dangling.yaml', undefined, 'names the cluster a, which is not in'],
    ['broken.yaml', undefined, 'the kubeconfig is not valid YAML'],
  ] as const)
    it(`that does not say which cluster is refused: ${message}`, async () => {
      const error = await failure(read([file], { context }))
      expect(error).to.include({ code: 'KUBECONFIG_INVALID' })
      expect(error.message).to.contain(message)
      expect(`${error.message} ${error.hint} ${error.cause}`).to.not.contain('planted-token')
    })

  it('has to be there when it was named, and is not read without end', async () => {
    expect((await failure(read(['absent.yaml'], { required: true }))).code).to.equal('FILE_NOT_FOUND')
    expect(
      (await failure(readKubeconfig({ kubeconfigs: ['/dev/zero'], required: true, context: undefined, inCluster: undefined }))).code,
    ).to.equal('FILE_TOO_LARGE')
  })

  it('is in a pod the service account, where there is none', async () => {
    const inCluster = { host: 'fd00::1', port: '443', folder }
    expect(await read(['absent.yaml'], { inCluster })).to.deep.include({
      name: 'in-cluster',
      cluster: { server: 'https://[fd00::1]:443', 'certificate-authority': join(folder, 'ca.crt') },
      user: { tokenFile: join(folder, 'token') },
    })
    expect((await read(['one.yaml'], { inCluster })).name).to.equal('a')
    expect((await failure(read(['absent.yaml']))).message).to.contain('There is no kubeconfig (looked for')
  })
})
