import { Scalar, stringify } from 'yaml'

/** In double quotes, where a character can be written in another way: see below. */
export const configInside = (config: string): Scalar => {
  const scalar = new Scalar(config)
  scalar.type = Scalar.QUOTE_DOUBLE
  return scalar
}

/**
 * The document as YAML. Embedded Cluster takes every document of a release for its Config that has this text, and the last one counts
 * (2.19 pkg/release/release.go): a spec with a Config inside must not be taken for it.
 */
export const writeTemplate = (document: object): string =>
  // troubleshoot reads YAML 1.1, in which yes and on are no texts.
  stringify(document, { lineWidth: 0, version: '1.1', aliasDuplicateObjects: false }).replaceAll(
    'apiVersion: embeddedcluster.',
    'apiVersion:\\x20embeddedcluster.',
  )
