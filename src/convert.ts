import type { Readable } from 'node:stream'
import { type ConfigVersion, convertConfig } from './embedded-cluster/convert.ts'
import { PreflightError } from './errors.ts'
import { printable } from './redact.ts'
import { readCaFile } from './world/ca-files.ts'
import { readYamlFiles } from './world/files.ts'

export type { ConfigVersion } from './embedded-cluster/convert.ts'
export { type ConversionWebhook, configCrd, type WebhookPlace } from './embedded-cluster/crd.ts'

/** The certificates of the file as a CustomResourceDefinition holds them. @throws PreflightError FILE_… */
export const readCaBundle = async (path: string): Promise<string> => `${(await readCaFile(path, '--ca-bundle')).join('\n')}\n`

/** The file's text with its Configs under the version. @throws PreflightError */
export const convertFile = async (path: string, to: ConfigVersion, stdin: Readable): Promise<string> => {
  const [file] = await readYamlFiles([path], 'convert', stdin)
  if (file === undefined || file.fromFolder)
    throw new PreflightError('USAGE', `convert ${printable(path)}: it is a folder. Give the file of the Config.`)
  return convertConfig(decode(file.bytes, path), path, to)
}

const decode = (bytes: Uint8Array, path: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new PreflightError('YAML_INVALID', `${printable(path)}: the file is not UTF-8.`, { hint: 'Save the file as UTF-8.', cause })
  }
}
