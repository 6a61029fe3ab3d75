import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

let made: string[] = []

/** A new folder with these files; gone after {@link removeFolders}. */
export const tempFolder = async (files: Readonly<Record<string, string>> = {}): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'preflight-'))
  made.push(folder)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

/** An executable shell script. */
export const script = async (folder: string, name: string, text: string): Promise<void> => {
  await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`)
  await chmod(join(folder, name), 0o755)
}

export const removeFolders = async (): Promise<void> => {
  const all = made
  made = []
  await Promise.all(all.map(folder => rm(folder, { recursive: true, force: true })))
}
