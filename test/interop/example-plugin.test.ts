// peers: velero
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Context } from 'mocha'
import { debian, peer, run, succeed } from './peers.ts'
import { endAll, temporaryFolder } from './processes.ts'

const example = 'examples/velero-postgresql'
const minutes = 60_000
// As the peer velero was built, so that what both need is compiled once.
const env = { CGO_ENABLED: '0' }

describe('the example plugin', () => {
  let go: string
  before(async function () {
    go = debian(this, 'go')
    await peer(this, 'velero')
  })
  after(endAll)

  it('passes its own tests', async function () {
    this.timeout(20 * minutes)
    const { code, stdout, stderr } = await run(go, ['test', '-trimpath', '-vet=off', './...'], {
      cwd: example,
      env,
      timeoutMs: 19 * minutes,
    })
    expect(code, stdout + stderr).to.equal(0)
  })

  it('has the module files that its imports need, and is formatted', async function () {
    this.timeout(5 * minutes)
    expect(await succeed('gofmt', ['-l', '.'], { cwd: example })).to.equal('')
    await succeed(go, ['mod', 'verify'], { cwd: example, timeoutMs: 4 * minutes })
  })

  // Of a platform that is not this machine's everything is compiled anew.
  const inFull = process.env.INTEROP === 'full' ? it : () => {}
  inFull(
    'is built for amd64 and arm64 into an image without a shell, of a user that is not root, with the same digests each time',
    async function (this: Context) {
      this.timeout(60 * minutes)
      const [first, second] = [join(temporaryFolder('first'), 'layout'), join(temporaryFolder('second'), 'layout')]
      for (const layout of [first, second]) await succeed(`${example}/build`, [layout, 'v1.0.0'], { timeoutMs: 29 * minutes })
      const index = readFileSync(join(first, 'index.json'), 'utf8')
      expect(readFileSync(join(second, 'index.json'), 'utf8')).to.equal(index)
      const blob = (digest: string) => join(first, 'blobs', 'sha256', digest.replace('sha256:', ''))
      const [whole] = (JSON.parse(index) as { manifests: { digest: string }[] }).manifests
      const { manifests } = JSON.parse(readFileSync(blob(whole!.digest), 'utf8')) as {
        manifests: { digest: string; platform: { architecture: string } }[]
      }
      expect(manifests.map(({ platform }) => platform.architecture)).to.deep.equal(['amd64', 'arm64'])
      for (const { digest } of manifests) {
        const manifest = JSON.parse(readFileSync(blob(digest), 'utf8')) as { config: { digest: string }; layers: { digest: string }[] }
        const config = JSON.parse(readFileSync(blob(manifest.config.digest), 'utf8')) as { config: { User: string } }
        expect(config.config.User).to.equal('65532:65532')
        const names = await Promise.all(manifest.layers.map(layer => succeed('tar', ['-tzf', blob(layer.digest)])))
        const files = names.flatMap(text => text.split('\n')).filter(name => name !== '' && !name.endsWith('/'))
        expect(files).to.deep.equal(['./bin/cp-plugin', './plugins/velero-postgresql'])
        for (const layer of manifest.layers) expect(existsSync(blob(layer.digest))).to.equal(true)
      }
    },
  )
})
