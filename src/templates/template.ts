/** A check of which a spec reads results. */
export interface TemplateCheck {
  readonly kind: string
  /** Of the analyzer: `Pull secret`. */
  readonly title: string
}

export interface TemplateOptions {
  readonly checks: readonly TemplateCheck[]
  /** The YAML of the Config to put in; undefined: the program finds it where it runs. */
  readonly config: string | undefined
  /** The stand-alone binary on a host: a name on the PATH, or a path. */
  readonly binary: string
  /** Of pods: this program's image. */
  readonly image: string
  /** Of pods. */
  readonly namespace: string
  readonly serviceAccount: string | undefined
  /** Pods use the network of their node, as its own pulls do. */
  readonly hostNetwork: boolean
  /** Of the run; troubleshoot gives up a minute later. */
  readonly timeoutMs: number
  /** Further ones for `run`. */
  readonly arguments: readonly string[]
}

/** A document for another program to read, as plain values. */
export type Template = (options: TemplateOptions) => object

/** What collectors, pods and folders in a bundle are called. */
export const name = 'velero-plugin-preflight'

export const configVariable = 'VELERO_PLUGIN_PREFLIGHT_CONFIG'

/** As `run` takes it, and Go's time.ParseDuration. */
export const durationText = (ms: number): string => `${Math.ceil(ms / 1000)}s`

/** troubleshoot's own limit ends the process, and with it what it has to say. */
export const graceMs = 60_000

/** The message goes through Go's templates, whose result is not read as a template again. */
const outcomes = (fallback: string | undefined) => [
  ...(['fail', 'warn', 'pass'] as const).map(status => ({ [status]: { when: `Status == ${status}`, message: '{{ .Message }}' } })),
  // Without `when`: whatever else stands there.
  ...(fallback === undefined ? [] : [{ fail: { message: fallback } }]),
]

export const unreadable = 'velero-plugin-preflight wrote no result that can be read: it is empty or cut short. Run it again.'

/** The two last lines of a record, whose lines before it are `head` (src/reporters/records.ts). */
export const readRecord = (head: string): string => `${head}\\nstatus=(?P<Status>[a-z]+)\\nmessage=(?P<Message>[^\\n]*)`

export interface TextAnalyze {
  readonly title: string
  readonly fileName: string
  readonly regexGroups: string
  /** Of what does not match; undefined: nothing is said of it. */
  readonly fallback: string | undefined
  readonly ignoreIfNoFiles: boolean
  readonly strict: boolean
}

export const textAnalyze = ({ title, fileName, regexGroups, fallback, ignoreIfNoFiles, strict }: TextAnalyze) => ({
  textAnalyze: {
    checkName: title,
    fileName,
    ...(ignoreIfNoFiles && { ignoreIfNoFiles }),
    ...(strict && { strict }),
    regexGroups,
    outcomes: outcomes(fallback),
  },
})

export const checkTitle = ({ title }: TemplateCheck): string => `Velero plugin: ${title}`
