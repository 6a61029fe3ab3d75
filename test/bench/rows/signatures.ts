import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sha256 } from '../../../src/digest.ts'
import { publicKeyFromPem } from '../../../src/policy/keys.ts'
import { keysOnly } from '../../../src/signatures/authority.ts'
import { verifyNotation } from '../../../src/signatures/notation/verify-notation.ts'
import { verifyBundle } from '../../../src/signatures/verify-bundle.ts'
import { bundleBytes, bundleOf, cosignBundle, newSigner, type Signer, statementOf } from '../../support/cosign.ts'
import type { BuiltImage } from '../../support/image-builder.ts'
import { chainOf, inputOf, jws, jwsEnvelope } from '../../support/notation.ts'
import { issueSigner, newDeployment, trustedRootOf } from '../../support/sigstore/deployment.ts'
import { signBundle } from '../../support/sigstore/signatures.ts'
import { jsonBytes, manifest, parsedRoot, image as signedImage, trustAlice } from '../../support/sigstore/trust.ts'
import { afresh, bareHome, file, productMs, references, runOf } from '../commands.ts'
import { benchImage, pluginName } from '../images.ts'
import { msOf } from '../processes.ts'
import { findPeer } from '../programs.ts'
import { indexOfReferrers, type Setting } from '../setting.ts'
import { alternate, median } from '../statistics.ts'
import { keepImage, push } from '../store.ts'
import { type Row, skipped } from '../table.ts'
import type { Rows } from './row.ts'

/** Of one call, once the code is warm: a run verifies hundreds. */
const callMs = (act: () => boolean): number => {
  const values = Array.from({ length: 300 }, () => {
    const beganMs = performance.now()
    if (!act()) throw new Error('what is measured does not verify')
    return performance.now() - beganMs
  })
  return median(values.slice(100))
}

/** One signature, its bytes at hand, in this process. */
export const verifyOne: Rows = {
  name: 'verifyOne',
  async measure() {
    const deployment = newDeployment()
    const trust = trustAlice(parsedRoot(trustedRootOf(deployment)))
    const proofs = { logs: ['rekor', 'rekor2'], stamps: [{}] } as const
    const keyless = jsonBytes(signBundle(deployment, issueSigner(deployment), statementOf(signedImage), proofs).bundle)
    const signer = newSigner()
    const byKey = keysOnly([{ name: 'cosign.pub', ...publicKeyFromPem(signer.publicPem, 'cosign.pub') }])
    const keyed = bundleBytes(bundleOf(signer, statementOf(signedImage)))
    const chain = chainOf()
    const notation = inputOf(jwsEnvelope({ chain }), jws, chain[1]!)
    const bundleVerifies = (bundle: Buffer, authority: typeof byKey | typeof trust) => () =>
      verifyBundle(signedImage, { bundle, manifest: () => manifest }, authority).verified
    const measured = [
      { name: 'keyless with two logs and a timestamp', value: callMs(bundleVerifies(keyless, trust)), unit: 'ms' },
      { name: 'by a key', value: callMs(bundleVerifies(keyed, byKey)), unit: 'ms' },
      { name: 'notation', value: callMs(() => verifyNotation(notation).verdict === 'verified'), unit: 'ms' },
    ] as const
    const slowest = Math.max(...measured.map(({ value }) => value))
    return [{ what: 'one signature verified, in process', measured, ratio: { name: 'ms', value: slowest, atMost: 5 } }]
  },
}

/** The same layers under a manifest of its own, so that nothing that hangs on one is known from another. */
const distinct = ({ blobs, manifest: served, platform }: BuiltImage, index: number): BuiltImage => {
  const document = { ...JSON.parse(Buffer.from(served.bytes).toString()), annotations: { 'org.example.copy': String(index) } }
  const bytes = Buffer.from(JSON.stringify(document))
  return { blobs, manifest: { ...served, digest: sha256(bytes), bytes }, platform }
}

/** Pushes a hundred images with a bundle by each signer; their layers are those of the ten. */
const pushSigned = async (setting: Setting, signers: readonly Signer[]): Promise<readonly string[]> => {
  const { folder, registry, ten, options } = setting
  const blobs = join(folder, 'blobs')
  const built = ten.map((_, index) => benchImage(index, options.scale))
  const repositories: string[] = []
  for (let index = 0; index < 100; index++) {
    const repository = `signed/${pluginName(index)}`
    const one = distinct(built[index % 10]!, index)
    const bundles = signers.map(signer => cosignBundle(one.manifest, signer))
    const list = { blobs: new Map(), manifest: indexOfReferrers(bundles.map(bundle => bundle.manifest)) }
    const listed = [
      { ...keepImage(blobs, repository, 'v1', one), mountFrom: ten[index % 10]! },
      ...bundles.map(bundle => keepImage(blobs, repository, bundle.manifest.digest, bundle)),
      keepImage(blobs, repository, one.manifest.digest.replace(':', '-'), list),
    ]
    for (const image of listed) await push(`http://${registry.host}`, blobs, image)
    repositories.push(repository)
  }
  return repositories
}

/** What signatures add to a run of a hundred plugins with three each: beside the same run on images that have none, and beside one without the check. */
export const signatures: Rows = {
  name: 'signatures',
  async measure(setting) {
    const what = 'run of 100 plugins with 3 signatures each, long link'
    const { far, options, hundred, registry } = setting
    if (registry.name.startsWith('the tests')) return [skipped(what, 'the registry of the tests takes no pushes')]
    const signers = [newSigner(), newSigner(), newSigner()]
    const signed = await pushSigned(setting, signers)
    const key = file(setting, signers[2]!.publicPem)
    const bareSignatures = fileURLToPath(new URL('../bare-signatures.ts', import.meta.url))
    const argv = (images: readonly string[], checks: string, ...more: readonly string[]) =>
      runOf(setting, far.host, images, checks, [...afresh, ...more])
    const times = await alternate(
      {
        // Ten of them have the same program each, which is a warning.
        all: () => productMs(setting, argv(signed, 'image,pullSecret,binaries,signature', '--key', key), 4),
        without: () => productMs(setting, argv(signed, 'image,pullSecret,binaries'), 4),
        // Every place is asked of unsigned images too; that nothing is there is a warning.
        allUnsigned: () => productMs(setting, argv(hundred, 'image,pullSecret,binaries,signature'), 4),
        images: () => productMs(setting, argv(signed, 'image,signature', '--key', key)),
        imagesAlone: () => productMs(setting, argv(signed, 'image')),
        unsigned: () => productMs(setting, argv(hundred, 'image,signature'), 4),
        bare: () => msOf(process.execPath, [bareSignatures, far.host, ...signed]),
      },
      options.runs,
    )
    const row = (checks: string, value: number, otherwise: number, than: string): Row => ({
      what: `${what}, ${checks}, against ${than}`,
      measured: [
        { name: 'with', value, unit: 'ms' },
        { name: 'without', value: otherwise, unit: 'ms' },
        // What is left to be won
        { name: 'fetching what hangs on the images, alone', value: times.bare, unit: 'ms' },
      ],
      ratio: { name: 'times that', value: value / otherwise, atMost: 1.2 },
    })
    return [
      row('image, pullSecret, binaries and signature', times.all, times.allUnsigned, 'the same of images without signatures'),
      row('image, pullSecret, binaries and signature', times.all, times.without, 'the same without the check signature'),
      row('image and signature', times.images, times.unsigned, 'the same of images without signatures'),
      {
        what: `${what}, image and signature, against image alone`,
        measured: [
          { name: 'with', value: times.images, unit: 'ms' },
          { name: 'image alone', value: times.imagesAlone, unit: 'ms' },
        ],
      },
    ]
  },
}

/** The whole command on one signed image. */
export const verifyCommand: Rows = {
  name: 'verifyCommand',
  async measure(setting) {
    const what = 'verify of one signed image, against cosign verify'
    const cosign = findPeer('cosign')
    if (cosign === undefined) return [skipped(what, 'cosign was not built; test/interop/peers build cosign does so')]
    const { far, near, ten, key, options } = setting
    const { bin } = setting.product
    const [farImage, nearImage] = [far, near].map(({ host }) => references(host, ten.slice(0, 1))[0]!)
    const ours = (image: string) =>
      productMs(setting, [bin, 'verify', image, '--key', key, '--quiet', '--plain-http', image.split('/')[0]!])
    const theirs = (image: string) =>
      msOf(cosign, ['verify', '--key', key, '--insecure-ignore-tlog', '--allow-http-registry', image], { env: bareHome(setting) })
    const times = await alternate(
      {
        far: () => ours(farImage!),
        farCosign: () => theirs(farImage!),
        near: () => ours(nearImage!),
        nearCosign: () => theirs(nearImage!),
      },
      options.runs,
    )
    const measured = (product: number, peer: number): Row['measured'] => [
      { name: 'product', value: product, unit: 'ms' },
      { name: 'cosign', value: peer, unit: 'ms' },
    ]
    return [
      {
        what: `${what}, long link`,
        measured: measured(times.far, times.farCosign),
        ratio: { name: 'times faster', value: times.farCosign / times.far, atLeast: 1 },
      },
      // Of a link without delay most is the start of a program.
      { what: `${what}, loopback`, measured: measured(times.near, times.nearCosign) },
    ]
  },
}
