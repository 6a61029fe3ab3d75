/** What the command line gives, as commander hands it over: all optional, all text. */
export interface Flags {
  readonly config?: readonly string[]
  readonly installed?: string
  readonly image?: readonly string[]
  readonly airgapBundle?: string
  readonly schema?: string
  readonly stage?: string
  readonly secrets?: readonly string[]
  readonly dockerConfig?: string
  readonly license?: string
  readonly namespace?: string
  readonly fromCluster?: boolean
  readonly serverStatus?: boolean
  readonly kubeconfig?: string
  readonly nodes?: boolean
  readonly nodeImage?: string
  readonly nodeRoot?: string
  readonly context?: string
  readonly key?: readonly string[]
  readonly policy?: readonly string[]
  readonly certificateIdentity?: string
  readonly certificateIdentityRegexp?: string
  readonly certificateOidcIssuer?: string
  readonly certificateOidcIssuerRegexp?: string
  readonly insecureIgnoreSct?: boolean
  readonly requireSignatures?: boolean
  readonly requireAttestation?: readonly string[]
  readonly builderId?: string
  readonly sourceUri?: string
  readonly maxVulnerabilities?: string
  readonly maxReportAge?: string
  readonly scanner?: string
  readonly trustedRoot?: string
  readonly refreshTrustedRoot?: boolean
  readonly tufMirror?: string
  readonly tufRoot?: string
  readonly offline?: boolean
  readonly trustStore?: string
  readonly crl?: readonly string[]
  readonly checks?: readonly string[]
  readonly platform?: readonly string[]
  readonly format?: string
  readonly output?: string
  readonly metricsFile?: string
  /** `--no-bundle`. */
  readonly bundle?: boolean
  /** `--bundle`. */
  readonly fromBundle?: string
  readonly into?: string
  readonly timeout?: string
  readonly requestTimeout?: string
  readonly accept?: readonly string[]
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly debug?: boolean
  readonly caFile?: readonly string[]
  readonly plainHttp?: readonly string[]
  readonly insecureSkipTlsVerify?: readonly string[]
  readonly allowRealm?: readonly string[]
  readonly cacheDir?: string
  readonly cache?: boolean
  readonly prove?: boolean
  readonly hostsDir?: string
  readonly nodeSettings?: string | true
  readonly veleroVersion?: string
  readonly ecVersion?: string
  readonly pullRate?: string
  readonly at?: string
}
