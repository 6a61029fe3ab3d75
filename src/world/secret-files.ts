import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PreflightError } from '../errors.ts'
import { type PullSecret, parseSecrets, type SecretDocuments } from '../kubelet/secret.ts'
import { printable } from '../redact.ts'
import { maxYamlBytes } from '../yaml-source.ts'
import { fileFailure, readBounded } from './bounded-file.ts'
import type { SecretStore } from './world.ts'

/** A folder of more is no folder of Secrets. */
const maxFiles = 1000

/**
 * The Secrets of files and folders (`--secrets`); of a folder its *.yaml, *.yml and *.json, not hidden ones nor those of
 * folders in it. A file has at most 8 MiB.
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE, YAML_INVALID, SECRETS_INVALID
 */
export const readSecrets = async (paths: readonly string[]): Promise<SecretStore> => {
  const secrets: PullSecret[] = []
  for (const path of paths) {
    const folder = await isFolder(path)
    const files = folder ? await filesIn(path) : [path]
    for (const file of files) {
      const documents = parseSecrets(await readBounded(file, maxYamlBytes, '--secrets'), file)
      if (!folder) requireManifests(documents, file)
      secrets.push(...documents.secrets)
    }
  }
  refuseContradictions(secrets)
  return secretStore(secrets, paths)
}

/** A store of Secrets that are at hand already. */
export const secretStore = (all: readonly PullSecret[], sources: readonly string[]): SecretStore => ({
  sources,
  all,
  find: (namespace, name) => {
    const named = all.filter(secret => secret.name === name)
    return named.find(secret => secret.namespace === namespace) ?? named.find(secret => secret.namespace === undefined)
  },
})

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory()
  } catch (cause) {
    throw fileFailure(path, '--secrets', cause)
  }
}

const filesIn = async (folder: string): Promise<readonly string[]> => {
  const names = await namesIn(folder)
  if (names.length > maxFiles) {
    const what = `--secrets ${printable(folder)}: the folder has ${names.length} YAML and JSON files; at most ${maxFiles} are read.`
    throw new PreflightError('SECRETS_INVALID', what, { hint: 'Give the files that hold the Secrets.' })
  }
  return names.map(name => join(folder, name))
}

const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries
      .filter(entry => (entry.isFile() || entry.isSymbolicLink()) && !entry.name.startsWith('.') && /\.(?:ya?ml|json)$/.test(entry.name))
      .map(({ name }) => name)
      .toSorted()
  } catch (cause) {
    throw fileFailure(folder, '--secrets', cause)
  }
}

/** A file that was named must be what it was named for; in a folder other files may lie about. */
const requireManifests = ({ strangers }: SecretDocuments, file: string): void => {
  const [stranger] = strangers
  if (stranger === undefined) return
  const what = stranger.looksLikeDockerConfig ? 'a docker config.json' : 'a document without "kind"'
  throw new PreflightError(
    'SECRETS_INVALID',
    `--secrets ${printable(file)}: ${printable(stranger.from)} is ${what}, not a Secret manifest.`,
    {
      hint: stranger.looksLikeDockerConfig
        ? 'Give it with --docker-config, or make a Secret of it: kubectl create secret generic NAME -n velero --type kubernetes.io/dockerconfigjson --from-file .dockerconfigjson=FILE --dry-run=client -o yaml.'
        : 'Give manifests of kind Secret, as kubectl get secret -o yaml writes them.',
    },
  )
}

/** Which of two would be in the cluster depends on who applies them in which order. */
const refuseContradictions = (secrets: readonly PullSecret[]): void => {
  const seen = new Map<string, PullSecret>()
  for (const secret of secrets) {
    const id = JSON.stringify([secret.namespace ?? null, secret.name])
    const before = seen.get(id)
    seen.set(id, secret)
    if (before === undefined || content(before) === content(secret)) continue
    const name = `${secret.namespace === undefined ? '' : `${secret.namespace}/`}${secret.name}`
    throw new PreflightError(
      'SECRETS_INVALID',
      `The Secret ${printable(name)} is given twice with different content: ${printable(before.from)} and ${printable(secret.from)}.`,
      {
        hint: 'Leave only the one that the cluster will have.',
      },
    )
  }
}

const content = ({ type, data }: PullSecret): string =>
  JSON.stringify([type, Object.entries(data).toSorted(([a], [b]) => (a < b ? -1 : 1))])
