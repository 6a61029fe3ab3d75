import { firstDocument } from '../yaml-source.ts'

/** A file of a release as Embedded Cluster meets it. */
export interface ReleaseFile {
  /** As the archive names it; absent: it was given by itself, and how a release will name it is not known. */
  readonly name?: string
  readonly text: string
}

/** A document that Embedded Cluster takes for its Config. */
export interface Chosen {
  /** Which of the files. */
  readonly file: number
  /** Its lines, from 1; the last one included. */
  readonly first: number
  readonly last: number
  /** What is searched; its first document is decoded. */
  readonly text: string
}

const ownKind = 'apiVersion: embeddedcluster.replicated.com/v1beta1'
/** What is asked before; a document that holds one of these is not looked at for a Config. */
const claims = ['apiVersion: kots.io/v1beta1', 'apiVersion: troubleshoot.sh/v1beta2']

/** The text for which Embedded Cluster takes a document for something else than its Config; undefined when it does not. */
export const claimedBy = (text: string): string | undefined => claims.find(claim => text.includes(claim))

/** Whether it is seen for a Config at all. */
export const isSeen = (text: string): boolean => text.includes(ownKind) && text.includes('kind: Config')

const isTaken = (text: string): boolean => claimedBy(text) === undefined && isSeen(text)

/**
 * Files whose names begin with a dot (as `./config.yaml` does), that do not end in .yaml or .yml, or with a line that begins with
 * `---` and goes on are not split, but searched as a whole; then they are decoded as far as their first document goes.
 */
const isSearchedWhole = ({ name, text }: ReleaseFile): boolean =>
  (name !== undefined && (name.startsWith('.') || !/\.ya?ml$/.test(name))) || /^---[^\S\n]*[^\s#]/m.test(text)

/**
 * The documents that Embedded Cluster 2.19 (pkg/release/release.go parse) takes for its Config one after the other, because it finds
 * two texts in them, wherever they stand: it decodes each and keeps the last.
 */
export const takenByInstaller = (files: readonly ReleaseFile[]): readonly Chosen[] =>
  files.flatMap((release, file) => {
    const { text } = release
    if (!text.includes(ownKind)) return []
    const documents = isSearchedWhole(release) ? [wholeOf(text)] : split(text)
    return documents.filter(document => isTaken(document.text)).map(document => ({ file, ...document }))
  })

/** The text that is searched for a Config which stands in this line. */
export const searchedText = (release: ReleaseFile, line: number): string =>
  (isSearchedWhole(release) ? undefined : split(release.text).findLast(({ first }) => first <= line)?.text) ?? release.text

/** All of it is searched, and its first document read. */
const wholeOf = (text: string) => ({ first: 1, last: firstDocument(text).replace(/\n$/, '').split('\n').length, text })

/** As k8s.io/apimachinery 0.36 pkg/util/yaml YAMLReader: at lines that begin with `---` and have nothing or a comment behind it. */
const split = (text: string): readonly { readonly first: number; readonly last: number; readonly text: string }[] => {
  const documents: { first: number; last: number; text: string }[] = []
  let lines: string[] = []
  let first = 1
  const end = (last: number) => {
    const whole = lines.join('\n')
    if (whole.trim() !== '') documents.push({ first, last, text: whole })
  }
  const all = text.split('\n')
  for (const [index, line] of all.entries()) {
    if (/^---\s*(?:#|$)/.test(line) && lines.length > 0) {
      end(index)
      lines = []
      first = index + 1
      continue
    }
    lines.push(line)
  }
  end(all.length)
  return documents
}
