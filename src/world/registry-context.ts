import type { ImageReference } from '../oci/reference.ts'
import type { Exchange } from './exchange.ts'
import type { SmallResponse } from './small-body.ts'
import type { Credential } from './world.ts'

/** What the parts of the registry client share. */
export interface RegistryContext {
  readonly exchange: Exchange
  nowMs(): number
  /** Waits before a download is taken up again. @param failures in a row, from 1 */
  pause(failures: number): Promise<void>
  /** Where a repository's `path` lies: `manifests/v1`. */
  locate(image: ImageReference, path: string, what: string): Promise<URL>
  /** Asks a repository for `path`; status and content are for the caller to judge. */
  ask(
    image: ImageReference,
    path: string,
    headers: Readonly<Record<string, string>>,
    what: string,
    as: Credential | undefined,
    limitBytes: number,
  ): Promise<SmallResponse>
  /** Whether `/v2/` answers as a registry's does (distribution-spec 1.1 "Determining Support"). */
  isRegistry(image: ImageReference, as: Credential | undefined): Promise<boolean>
}

/** The right that is asked for, and no other. */
export const pullScope = ({ repository }: ImageReference): string => `repository:${repository}:pull`
