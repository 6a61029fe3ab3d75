/** The root of the public good instance as @sigstore/tuf ships it. */
export const shippedTrustedRoot = async (): Promise<{ bytes: Buffer }> => {
  const { default: seeds } = await import('@sigstore/tuf/seeds.json', { with: { type: 'json' } })
  return { bytes: Buffer.from(seeds['https://tuf-repo-cdn.sigstore.dev'].targets['trusted_root.json'], 'base64') }
}
