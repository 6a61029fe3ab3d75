import type { DataSink } from '../../oci/tar-sink.ts'

/** A file of an archive: where it lies in the archive that holds it uncompressed, and its bytes where they were kept. */
export interface Stored {
  readonly offset: number
  readonly sizeBytes: number
  readonly bytes?: Buffer
}

/** Signatures in CBOR and the like: whatever is so small is kept. */
const smallBytes = 64 << 10
/** Manifests, configs, attestations: what is not larger and looks like JSON. */
const jsonBytes = 4 << 20

/** Whether a file of this size may be kept, so that its bytes have to be looked at. */
export const mayBeKept = ({ sizeBytes }: Pick<Stored, 'sizeBytes'>): boolean => sizeBytes <= jsonBytes

/**
 * Keeps small files while they are passed, as long as there is room for them: what a bundle says about its images is a small
 * part of it, and reading the whole once more for a manifest would double the time.
 */
export const createKeeper = (roomBytes: number) => {
  let room = roomBytes
  /** @param always whether it is kept without asking for room */
  return (place: Omit<Stored, 'bytes'>, end: (stored: Stored) => void, always = false): DataSink => {
    const parts: Buffer[] = []
    let keeps = always || (place.sizeBytes <= room && place.sizeBytes <= smallBytes)
    let begun = false
    return {
      write(bytes) {
        if (!begun) {
          begun = true
          keeps ||= place.sizeBytes <= room && looksLikeJson(bytes)
          if (keeps && !always) room -= place.sizeBytes
        }
        if (keeps) parts.push(Buffer.from(bytes))
      },
      zeros: () => undefined,
      end: () => end(keeps ? { ...place, bytes: Buffer.concat(parts) } : place),
    }
  }
}

export type Keeper = ReturnType<typeof createKeeper>

const looksLikeJson = (bytes: Buffer): boolean => /^\s*[{[]/.test(bytes.toString('latin1', 0, 64))
