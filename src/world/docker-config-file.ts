import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type DockerLogin, type HelperCall, parseDockerConfig, placesFor } from '../kubelet/docker-config.ts'
import { fileFailure, readBounded } from './bounded-file.ts'
import { askHelper } from './credential-helper.ts'
import type { DockerConfigStore } from './world.ts'

const limitBytes = 8 << 20
/** A helper may have to unlock a key ring, or ask a cloud. */
const helperTimeoutMs = 30_000

/**
 * The user's docker config: a config.json or auth.json, or the folder that holds a config.json, as DOCKER_CONFIG names it.
 * Helpers that it names are run when a login is asked for, each once a registry.
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE, DOCKER_CONFIG_INVALID; `login`: CREDENTIAL_HELPER_FAILED
 */
export const openDockerConfig = async (path: string, { timeoutMs = helperTimeoutMs } = {}): Promise<DockerConfigStore> => {
  const file = (await isFolder(path)) ? join(path, 'config.json') : path
  const config = parseDockerConfig(await readBounded(file, limitBytes, '--docker-config'), file)
  const asked = new Map<string, Promise<DockerLogin | undefined>>()
  const ask = (call: HelperCall): Promise<DockerLogin | undefined> => {
    const id = `${call.helper} ${call.server}`
    const answer = asked.get(id) ?? askHelper(call, timeoutMs)
    asked.set(id, answer)
    return answer
  }
  return {
    file,
    login: async image => {
      for (const place of placesFor(config, image)) {
        const login = 'helper' in place ? await ask(place) : place
        if (login !== undefined) return login
      }
      return undefined
    },
  }
}

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory()
  } catch (cause) {
    throw fileFailure(path, '--docker-config', cause)
  }
}
