import type { Digest } from '../digest.ts'
import type { Fact } from './fact.ts'

/** What a file's first bytes say. Paths and lines are UTF-8, printable or not. */
export interface FileHeadFacts {
  readonly sizeBytes: number
  readonly sha256: Digest
  readonly kind: 'empty' | 'elf' | 'script' | 'windows' | 'macos' | 'other'
  /** First line of a script, without `#!`. */
  readonly interpreterLine?: string
  readonly elf?: ElfHeadFacts
}

/** What all of a file's bytes say. */
export interface FileFacts extends FileHeadFacts {
  readonly elf?: ElfFacts
  readonly go?: GoFacts
}

export interface ElfHeadFacts {
  /** As Go names architectures: `amd64`, `arm64`; `machine <number>` for rare ones. */
  readonly machine: string
  readonly bits: 32 | 64
  /** Dynamic loader; empty when it could not be seen. Absent: it needs none. */
  readonly interpreter?: string
  /** The file is shorter than its own headers say. */
  readonly truncated: boolean
  /** Why no kernel runs it. */
  readonly fault?: string
}

export interface ElfFacts extends ElfHeadFacts {
  /** Newest version of glibc whose symbols it uses: `2.34`. */
  readonly glibc?: string
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
  readonly file?: FileHeadFacts
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
  /** Absent where it was not read. */
  readonly rawBytes?: number
  /** Absent where nothing is known of it. */
  readonly entries?: number
  /** It was not read, for whatever is in it changes nothing of what else is said here. Whether it can be unpacked is not known. */
  readonly unread?: true
  /** It was not read either: what is said of it is what its own table of contents says. */
  readonly declared?: {
    readonly by: 'eStargz' | 'zstd:chunked'
    /** Of the table, from the layer's descriptor: the image's author wrote it, and the manifest's digest covers it. */
    readonly table: Digest
    /** What was fetched of the layer for the table; 0 where an earlier run did so. */
    readonly tableBytes: number
    /** With that, and those pieces of files that were asked for. */
    readonly fetchedBytes: number
  }
  /** An earlier run read it and found its digest and diff_id right; this one fetched nothing of it. */
  readonly cached?: true
  /** That run read another blob, which had the diff_id that this one is said to have: whether this one can be unpacked is not known. */
  readonly otherBlob?: true
}

/** What the plugin's image would do as an init container on a node of one platform. */
export type BinariesFact = { readonly plugin: string; readonly image: string; readonly platform: string } & Fact<{
  /** Of the image manifest. */
  readonly digest: Digest
  /** `os/architecture[/variant]` as the image's config says. */
  readonly configPlatform: string
  /**
   * What the rest of this rests on. `allLayers`: the whole file system. `upperLayers`: those that were read leave nothing to the
   * lower ones that matters here. `declared`: tables of contents in the layers, which a node does not look at; see `LayerFacts`.
   */
  readonly proven: 'allLayers' | 'upperLayers' | 'declared'
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
