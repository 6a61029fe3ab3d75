import { expect } from 'chai'
import { command, configText, type Scratch, scratch, secretText } from '../support/command.ts'
import { pluginImage } from '../support/image-builder.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

// Planted where a program could let them out: none may be in anything that a run writes.
const planted = {
  password: 'planted-password-1',
  other: 'planted-password-2',
  docker: 'planted-password-3',
  signature: 'planted-signature-4',
  token: 'planted-token-5',
}
const encoded = (text: string) => [
  text,
  Buffer.from(text).toString('base64').replace(/=+$/, ''),
  Buffer.from(`acme:${text}`).toString('base64').replace(/=+$/, ''),
  encodeURIComponent(text),
]

describe('a secret', () => {
  let folder: Scratch
  let registry: TestRegistry
  before(async () => {
    registry = await startRegistry({
      auth: { scheme: 'bearer', users: { acme: { password: planted.password } }, anonymous: ['public'] },
    })
    for (const name of ['private', 'redirected', 'public', 'talkative']) registry.push(name, 'v1', pluginImage({ name }))
    registry.fault('/v2/redirected/blobs/', { kind: 'redirect', to: `http://127.0.0.1:1/blob?X-Amz-Signature=${planted.signature}` })
    registry.fault('/v2/talkative/manifests/', {
      kind: 'answer',
      status: 403,
      headers: { 'content-type': 'application/json', warning: `299 - "token=${planted.token}"` },
      body: JSON.stringify({
        errors: [
          {
            code: 'DENIED',
            message: `${planted.password} of ${Buffer.from(`acme:${planted.password}`).toString('base64')}: Authorization: Bearer ${planted.token} of https://u:${planted.password}@x.example/?sig=${planted.signature}`,
          },
        ],
      }),
    })
  })
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(() => folder.remove())
  after(() => registry.close())

  for (const format of ['human', 'json', 'yaml']) {
    it(`is in nothing that a run with --format ${format} --debug writes`, async () => {
      const image = (name: string) => `${registry.host}/${name}:v1`
      const config = folder.file(
        'config.yaml',
        configText(
          { name: 'private', image: image('private'), imagePullSecret: 'good' },
          { name: 'redirected', image: image('redirected'), imagePullSecret: 'good' },
          { name: 'public', image: image('public'), imagePullSecret: 'wrong' },
          { name: 'talkative', image: image('talkative'), imagePullSecret: 'good' },
          { name: 'scheme', image: `https://acme:${planted.other}@${image('public')}?token=${planted.token}` },
          { name: 'no-scheme', image: `acme:${planted.other}@${image('public')}?token=${planted.token}` },
        ),
      )
      const secrets = [
        folder.file('good.yaml', secretText('good', `${registry.host}/`, 'acme', planted.password)),
        folder.file('wrong.yaml', secretText('wrong', `${registry.host}/public`, 'acme', planted.other)),
      ]
      const docker = folder.file(
        'docker.json',
        JSON.stringify({ auths: { [registry.host]: { auth: Buffer.from(`acme:${planted.docker}`).toString('base64') } } }),
      )
      const outside = scratch()
      try {
        const argv = [
          'run',
          '--config',
          config,
          '--secrets',
          secrets[0]!,
          '--secrets',
          secrets[1]!,
          '--docker-config',
          docker,
          '--debug',
          '--verbose',
          '--format',
          format,
        ]
        const ran = await command(argv, { cwd: outside.path })
        expect(ran.code, ran.err).to.equal(3)
        expect(registry.requests.some(({ headers }) => headers.authorization?.startsWith('Bearer '))).to.equal(true)
        expect(ran.err).to.contain('debug: GET ')
        const written = [ran.out, ran.err, outside.everything()].join('\n')
        expect(written).to.contain('velero-plugins/facts/pullSecret.json')
        for (const secret of Object.values(planted).flatMap(encoded)) expect(written.includes(secret), secret).to.equal(false)
      } finally {
        outside.remove()
      }
    })
  }
})
