import { filesFrom } from '../../src/containerd/node-files.ts'

export const root = '/etc/containerd/certs.d'

/** The node's files, below {@link root} where their names are relative. */
export const nodeTree = (files: Readonly<Record<string, string>>) =>
  filesFrom(new Map(Object.entries(files).map(([name, text]) => [name.startsWith('/') ? name : `${root}/${name}`, text])))
