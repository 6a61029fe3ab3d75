import type { FileNode, RegularFile } from '../oci/file-tree.ts'
import { cleanPath } from '../oci/go-path.ts'
import { may } from '../oci/identity.ts'
import { type ContainerFiles, find } from './container-files.ts'

/** What a container's first argument leads to. */
export interface FoundProgram {
  /** As written. */
  readonly name: string
  /** After symbolic links; absent when there is nothing. */
  readonly path?: string
  readonly file?: RegularFile
  /** Why it cannot be started. */
  readonly problem?: 'missing' | 'notExecutable' | 'notFile'
  /** What starts it: the dynamic loader of an ELF file, or the interpreter of a script. */
  readonly starter?: { readonly path: string; readonly found: boolean }
}

/** runc looks a bare name up in PATH, and takes the first that may be executed. */
export const findProgram = (files: ContainerFiles, name: string, searchPath: string): FoundProgram => {
  const candidates = name.includes('/') ? [name] : searchPath.split(':').map(folder => cleanPath(`${folder === '' ? '.' : folder}/${name}`))
  let refused: FoundProgram | undefined
  for (const path of candidates) {
    const seen = look(files, name, path)
    if (seen.problem === undefined) return seen
    if (seen.problem !== 'missing') refused ??= seen
  }
  return refused ?? { name, problem: 'missing' }
}

const look = (files: ContainerFiles, name: string, path: string): FoundProgram => {
  const found = find(files, path, 'follow')
  if (typeof found === 'string') return { name, problem: found === 'EACCES' ? 'notExecutable' : 'missing' }
  const { node } = found
  if (node.kind !== 'file') return { name, path: found.path, problem: 'notFile' }
  const starter = starterOf(files, node)
  const seen = { name, path: found.path, file: node, ...(starter === undefined ? {} : { starter }) }
  return may(files.who, node, 1, node.kind) ? seen : { ...seen, problem: 'notExecutable' }
}

const starterOf = (files: ContainerFiles, { content }: RegularFile): FoundProgram['starter'] => {
  const path = content.elf?.interpreter ?? content.interpreterLine?.trim().split(/[ \t]/)[0]
  if (path === undefined || path === '') return undefined
  return { path, found: isFile(find(files, path, 'follow')) }
}

const isFile = (found: { readonly node: FileNode } | string): boolean => typeof found !== 'string' && found.node.kind === 'file'
