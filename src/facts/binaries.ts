import type { Digest } from '../digest.ts'
import type { Fact } from './fact.ts'

/** What a file's bytes say. Paths and lines are UTF-8, printable or not. */
export interface FileFacts {
  readonly sizeBytes: number
  readonly sha256: Digest
  readonly kind: 'empty' | 'elf' | 'script' | 'windows' | 'macos' | 'other'
  /** First line of a script, without `#!`. */
  readonly interpreterLine?: string
  readonly elf?: ElfFacts
  readonly go?: GoFacts
}

export interface ElfFacts {
  /** As Go names architectures: `amd64`, `arm64`; `machine <number>` for rare ones. */
  readonly machine: string
  readonly bits: 32 | 64
  /** Dynamic loader; empty when it could not be seen. Absent: it needs none. */
  readonly interpreter?: string
  /** Newest version of glibc whose symbols it uses: `2.34`. */
  readonly glibc?: string
  /** The file is shorter than its own headers say. */
  readonly truncated: boolean
  /** Why no kernel runs it. */
  readonly fault?: string
  /** It holds the words by which go-plugin greets those who start a plugin by hand. */
  readonly goPlugin: boolean
  /** Packed by UPX. */
  readonly packed: boolean
}

/** From Go's build information. */
export interface GoFacts {
  /** `go1.24.4`; empty for Go before 1.18. */
  readonly version: string
  /** Path of the main package; absent when it was built without modules. */
  readonly path?: string
  readonly module?: { readonly path: string; readonly version: string }
  /** Velero, as required in go.mod; `replacedBy` what was built in its place. */
  readonly framework?: ModuleFacts & { readonly replacedBy?: ModuleFacts }
  /** Version of hashicorp/go-plugin. */
  readonly goPlugin?: string
  /** How many modules are in it. */
  readonly modules: number
  readonly os?: string
  readonly architecture?: string
  readonly cgo?: boolean
  readonly revision?: string
}

export interface ModuleFacts {
  readonly path: string
  readonly version: string
}

/** Something that Velero finds under `/plugins`. */
export interface PluginFileFacts {
  /** Below `/plugins`. */
  readonly path: string
  /** Where in the image it comes from. */
  readonly from: string
  /** Permission bits after copying, four octal digits. */
  readonly mode: string
  readonly kind: 'file' | 'directory' | 'symlink' | 'other'
  /** Velero starts it when the server starts. */
  readonly runs: boolean
  /** Of a symbolic link. */
  readonly target?: string
  /** Of a file. */
  readonly file?: FileFacts
}

/** The first word of the command. */
export interface ProgramFacts {
  readonly name: string
  /** Absent when the image has none. */
  readonly path?: string
  readonly problem?: 'missing' | 'notExecutable' | 'notFile'
  readonly file?: FileFacts
  /** Dynamic loader, or interpreter of a script. */
  readonly starter?: { readonly path: string; readonly found: boolean }
}

export interface UserFacts {
  /** As in the image's config; empty: root. */
  readonly configured: string
  readonly uid?: number
  readonly gid?: number
  /** `unread`: `/etc/passwd` is larger than what is read of it. */
  readonly problem?: 'unknown' | 'range' | 'unread'
}

export interface LayerFacts {
  readonly digest: Digest
  readonly sizeBytes: number
  /** Absent, as `entries`, where it was not read. */
  readonly rawBytes?: number
  readonly entries?: number
  /** It was not read, for whatever is in it changes nothing of what else is said here. Whether it can be unpacked is not known. */
  readonly unread?: true
  /** An earlier run read it and found its digest and diff_id right; this one fetched nothing of it. */
  readonly cached?: true
}

/** What the plugin's image would do as an init container on a node of one platform. */
export type BinariesFact = { readonly plugin: string; readonly image: string; readonly platform: string } & Fact<{
  /** Of the image manifest. */
  readonly digest: Digest
  /** `os/architecture[/variant]` as the image's config says. */
  readonly configPlatform: string
  /**
   * What the rest of this rests on. `allLayers`: the whole file system. `upperLayers`: those that were read leave nothing to the
   * lower ones that matters here.
   */
  readonly proven: 'allLayers' | 'upperLayers'
  /** Bottom first; each that was read has the diff_id that the config names. */
  readonly layers: readonly LayerFacts[]
  /** Where nodes that unpack each layer by itself (overlayfs) get another result; see `oci/layer-paths.ts`. */
  readonly doubts: readonly { readonly kind: string; readonly path: string }[]
  readonly user: UserFacts
  /** What is run: at most 100 words of 1000 characters. */
  readonly argv: readonly string[]
  readonly program?: ProgramFacts
  readonly copy: { readonly state: 'done'; readonly elsewhere?: string } | { readonly state: 'failed' | 'unknown'; readonly why: string }
  /** `target`: what is copied. `image`: what stands in the image's own `/plugins`, where it is not known what is copied. */
  readonly filesFrom: 'target' | 'image'
  /** At most 1000; what runs comes first. */
  readonly files: readonly PluginFileFacts[]
  /** How many more there are. */
  readonly moreFiles: number
}>
