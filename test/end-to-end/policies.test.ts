import { join } from 'node:path'
import { expect } from 'chai'
import { command, configText, type JsonReport, report, type Scratch, scratch } from '../support/command.ts'
import type { Artifact } from '../support/cosign.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { signings } from '../support/signed-by.ts'
import { tinyImage } from '../support/signed-image.ts'

const name = 'velero-postgresql'
const image = tinyImage('plugin')
const other = tinyImage('other')
/** Certificates of the tests are valid then. */
const at = ['--at', '2026-06-01T00:00:00Z']

/** `status CODE, …` of the one result, and its message and evidence. */
const resultOf = ({ pass, warn, fail }: JsonReport) => {
  const [result] = [...pass, ...warn, ...fail]
  if (result === undefined) throw new Error('there is no result')
  const evidence = result.findings.flatMap(finding => finding.evidence ?? []).join('\n')
  return { ...result, all: result.findings.map(({ status, code }) => `${status} ${code}`).join(', '), evidence }
}

describe('policies', () => {
  let folder: Scratch
  let registry: TestRegistry
  let argv: readonly string[]
  beforeEach(async () => {
    folder = scratch()
    registry = await startRegistry()
    registry.push('acme/plugin', 'v1', image.pushed)
    argv = ['--checks', 'signature', '--config', folder.file('config.yaml', configText({ name, image: `${registry.host}/acme/plugin:v1` }))]
  })
  afterEach(async () => {
    await registry.close()
    folder.remove()
  })
  const hang = (...all: readonly Artifact[]) => {
    for (const { tag, ...artifact } of all) registry.push('acme/plugin', tag, artifact)
  }
  const run = async (...flags: readonly string[]) => {
    const { code, json } = await report(['run', '--no-bundle', ...argv, ...at, ...flags])
    return { exit: code, ...resultOf(json) }
  }

  for (const { name: kind, good, byAnother, tampered, trust, codes, forEveryImage } of signings) {
    describe(`of the kind ${kind}`, () => {
      it('passes what is signed by whom it trusts', async () => {
        hang(byAnother(image), good(image))
        expect(await run(...trust(folder))).to.include({ exit: 0, all: 'pass SIGNATURE_VERIFIED' })
      })

      it('fails what somebody else signed', async () => {
        hang(byAnother(image))
        expect(await run(...trust(folder))).to.include({ exit: 3, all: `fail ${codes.byAnother}` })
      })

      it('fails what was tampered with', async () => {
        hang(tampered(image))
        expect(await run(...trust(folder))).to.include({ exit: 3, all: `fail ${codes.tampered}` })
      })

      it('fails what nobody signed, and says what to do', async () => {
        const found = await run(...trust(folder))
        expect(found).to.include({ exit: 3, all: `fail ${codes.none}` })
        expect(found.message).to.match(/^velero-postgresql: /)
      })

      it('fails what is signed for another image', async () => {
        const { blobs, manifest } = good(other)
        const subject = { mediaType: image.mediaType, digest: image.digest, size: image.bytes.length }
        const bytes = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(manifest.bytes).toString()), subject }))
        hang({ blobs, manifest: { ...manifest, digest: '', bytes } })
        const found = await run(...trust(folder))
        expect(found.exit).to.equal(3)
        expect(found.code).to.match(/SIGNATURE_(SUBJECT_MISMATCH|NOTATION|ATTESTATION)/)
        expect(found.evidence).to.include(other.digest)
      })

      it('never says "unsigned" where the registry could not be asked', async () => {
        registry.fault('/referrers/', { kind: 'answer', status: 403 })
        expect(await run(...trust(folder))).to.include({ exit: 3, code: 'SIGNATURE_UNREACHABLE' })
      })

      it('is judged from a bundle as from the registry', async () => {
        hang(byAnother(image), good(image))
        const flags = trust(folder)
        const bundle = join(folder.path, 'bundle.tar.gz')
        await command(['collect', ...argv, '-o', bundle])
        const live = await report(['run', '--no-bundle', ...argv, ...at, ...flags])
        expect((await report(['analyze', bundle, ...at, ...flags])).json).to.deep.equal(live.json)
      })

      if (forEveryImage !== true) {
        it('warns where it does not speak of the image, and fails where signatures are required', async () => {
          hang(good(image))
          const flags = trust(folder, 'ghcr.io/other/**')
          const found = await run(...flags)
          expect(found).to.include({ exit: 4, all: 'warn SIGNATURE_NO_POLICY' })
          expect(found.message).to.include('no policy speaks of the image')
          expect(await run(...flags, '--require-signatures')).to.include({ exit: 3, all: 'fail SIGNATURE_NO_POLICY' })
        })
      }
    })
  }
})
