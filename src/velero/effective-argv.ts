/** Of an image's config: what a container of it runs. */
export interface ImageCommand {
  readonly entrypoint: readonly string[]
  readonly cmd: readonly string[]
}

/**
 * What an init container runs whose pod gives neither `command` nor `args`, as Embedded Cluster's does: entrypoint and cmd
 * together (containerd 2.4 internal/cri/opts WithProcessArgs). Empty: the container cannot be made.
 */
export const effectiveArgv = ({ entrypoint, cmd }: ImageCommand): readonly string[] =>
  entrypoint.length === 1 && entrypoint[0] === '' ? cmd : [...entrypoint, ...cmd]

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Where a bare program name is looked for: PATH of the image, else containerd's (pkg/oci/spec.go). The last one counts. */
export const searchPath = (env: readonly string[]): string =>
  env.findLast(entry => entry.startsWith('PATH='))?.slice('PATH='.length) ?? defaultPath
