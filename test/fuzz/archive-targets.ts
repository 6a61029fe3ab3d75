import { readConfigs } from '../../src/embedded-cluster/config.ts'
import { releaseIn } from '../../src/embedded-cluster/installer.ts'
import { importArchive } from '../../src/world/airgap/import-archive.ts'
import { scanBundle } from '../../src/world/airgap/scan-bundle.ts'
import { filesOfRelease } from '../../src/world/release-files.ts'
import { airgapTar, layoutTar, releaseArchive } from '../support/airgap.ts'
import { configText } from '../support/command.ts'
import { pluginImage } from '../support/image-builder.ts'
import { dockerFiles, tarFiles } from '../support/local-images.ts'
import { tar } from '../support/tar-writer.ts'
import { codeOr, type FuzzTarget, justified } from './target.ts'

const image = 'registry.example.com/acme/plugin:v1'
const plugin = pluginImage({ name: 'plugin' })
const config = configText({ name: 'plugin', image })
const [begin, end] = ['BEGIN', 'END'].map(word => `-----${word} APP RELEASE-----`)

export const archiveTargets: readonly FuzzTarget[] = [
  {
    name: 'air-gap bundle',
    samples: [layoutTar([image, plugin]), tarFiles(dockerFiles(plugin, [image]))].map(images =>
      airgapTar({ images, release: { 'c.yaml': config } }),
    ),
    sound: 'imported',
    run: input =>
      codeOr(() => {
        const { reader, result } = scanBundle(false)
        for (let at = 0; at < input.length; at += 1000) reader.write(input.subarray(at, at + 1000))
        reader.end()
        const [archive] = result().archives
        if (archive === undefined) return 'no images'
        const imported = importArchive(archive.indexed)
        if (imported.fault !== undefined) return 'not imported'
        justified(imported.format === 'docker' || archive.indexed.files.has('index.json'), 'there is no index')
        return imported.names.some(({ name }) => name === image) ? 'imported' : 'other names'
      }),
  },
  {
    name: 'release',
    samples: [tar([{ name: 'c.yaml', data: config }])],
    sound: '1 plugin',
    run: input => codeOr(() => `${readConfigs(filesOfRelease(input, 'r.tgz'))[0]!.plugins.length} plugin`),
  },
  {
    name: 'installer',
    samples: [Buffer.from(`\x7fELF${begin}${releaseArchive({ 'c.yaml': config }).toString('base64')}${end}`)],
    sound: 'a release',
    run: input => codeOr(() => (releaseIn(input) === undefined ? 'none' : 'a release')),
  },
]
