/**
 * The images of Velero's pod that each Embedded Cluster brings, as its `ImageString` writes them
 * (replicatedhq/embedded-cluster, pkg/addons/velero/static/metadata.yaml at each tag).
 */
export interface AddonImages {
  /** The first Embedded Cluster that has them. */
  readonly since: string
  readonly velero: AddonImage
  readonly aws: AddonImage
}

export interface AddonImage {
  readonly version: string
  /** sha256, by architecture: tags are published for each by itself. */
  readonly amd64: string
  readonly arm64: string
}

/** Newest first. */
export const addonImages: readonly AddonImages[] = [
  // of its main branch in August 2026, after 2.19.5-rc1
  {
    since: '2.19.5',
    velero: {
      version: '1.18.2',
      amd64: '772926b70fffe8df7966cdb3b6a6e5cd47f071b8d1073a2c2db5412263e9fcfc',
      arm64: '3cbef19f74737217d00ceafa0a746a3d655db230d99554892320158836f984b9',
    },
    aws: {
      version: '1.14.2',
      amd64: '8502b31f18d837bf928fbd56e66ccb977f7b4f5dd84e56625baa20239f1e60c3',
      arm64: '1367e83e49279ca0783a4c15eb6d040c7bcc6f0169b190af7072f2c8ac9e657e',
    },
  },
  {
    since: '2.19.2',
    velero: {
      version: '1.18.2',
      amd64: '84bef8c8e799b2baa6055f160b68b864166d2012e4ca8887f55c25dd1b727ca5',
      arm64: 'b9e54c0f171481f34b1b5136f0a3a7655104d0a5e3481d4f96f1694877cfedbd',
    },
    aws: {
      version: '1.14.2',
      amd64: 'ba6298eb079c37dbfaf08c011f88a15c809681c8ecc7c004de3d2bec795135c7',
      arm64: 'ce72c3e8bf9dd4624b4169a8706069453bc5fcdf8b719e2db8f628592f98e189',
    },
  },
  {
    since: '2.19.0',
    velero: {
      version: '1.18.1',
      amd64: '963cb8566074c1b408a6bea5f92d4f7ebdab62104b39d933608e729ed8704a9d',
      arm64: '8a72b271465ca9f1b84a8a2244cb757f0dffa5def2090e5a07cbe23ec477f0c9',
    },
    aws: {
      version: '1.14.1',
      amd64: 'd1c05480b752aed8195015efb2f7a2a32d7fc081a67cf5805d363c09fab03edc',
      arm64: '0586b8884d11f87a213ea724953c6aefd8354d055d9dbf47e48a32a4f7ac53d1',
    },
  },
  {
    since: '2.17.1',
    velero: {
      version: '1.18.0',
      amd64: '028639751ae42fa0191a5cf71f89e95b786602e291332868c4c98a7889c8dad5',
      arm64: '276e179d64aff3a0c9219d50f320e479f9a862102ec2b3adef86485ccf9303b4',
    },
    aws: {
      version: '1.14.0',
      amd64: 'd65063190b74b64216cb18da37a7a59c2713aa4c3d716bd10b91f9672b8d4f31',
      arm64: '48e4dcf2b730b1c9164ff0b2026ddfabc9e0847eaa51ee9a00708d27207ae868',
    },
  },
  {
    since: '2.16.0',
    velero: {
      version: '1.18.0',
      amd64: '9d415a9846e5d7f0376bd7da3a11be7e0d206a320aa3d3ba2930b194a2364b4b',
      arm64: '28e8de9e9d984e3312e1693828c156da1682e2cb92eed4beda2c203c9f61d89d',
    },
    aws: {
      version: '1.14.0',
      amd64: 'c7fc195bb23bacfd8309195de757d20b30de0addcee9932f9bd0f68afd7ab49b',
      arm64: '60d66963fba20891a41db0acdc634927467c7cdc7fa54f9333d499f7359189dc',
    },
  },
  {
    since: '2.14.1',
    velero: {
      version: '1.17.2',
      amd64: 'f624809b12088a33955481913877280e59ee9772fcc1fc39829d0931685d44c9',
      arm64: '08006f44db761b0560bc0a83535750337dfd41cc3d03e2fa8d5b5ff3c77864f2',
    },
    aws: {
      version: '1.13.2',
      amd64: '128620477145d15a45f2dccdb2fb84cca5e17738c26fe956c72f404403e4b2fd',
      arm64: '4e1c8994452df3aff082d3dd72ed9b66d2bf4534d3627b211b100adcedf155e6',
    },
  },
  {
    since: '2.13.5',
    velero: {
      version: '1.17.2',
      amd64: '1c06f415f04c22b8f95cdb7219d826e608a6856b42fedb753cdcf0aca5cade9c',
      arm64: '5a9b8dc9eb999d4b85821ff425ed52f924b24daeeb39aa466ecd8f3d19a48210',
    },
    aws: {
      version: '1.13.2',
      amd64: '4d968f0f16d3e0492a7c366cc7aeb718cf8cdfe98d237f3630c9c990b8dc14b7',
      arm64: '7dd28de1f51a5c3c046bf8fd51a2647fd4b94936446bcceb6451a3793ed7e72c',
    },
  },
  {
    since: '2.13.1',
    velero: {
      version: '1.17.1',
      amd64: '15a76e802f53aa11406b1d512e395e2303af8c06e556bccec6f43ed7ed1c4dfd',
      arm64: 'ab57e5ae16e36f85caf8d919f42ca0ca2b03fee1950b0e618e98643866e231f5',
    },
    aws: {
      version: '1.13.1',
      amd64: '821dcc17892dd7fe8a1a8d436dda9ac808d961ff04e0036bf006a66710440b77',
      arm64: '2ba4b6e9f0222f9795a61b57cf36891dc68e7747d2c04f72709fd683043474fa',
    },
  },
  {
    since: '2.13.0',
    velero: {
      version: '1.17.1',
      amd64: '3aa168e8bad8ee101bc86f57657b6504eae5bc5f4423c15c82cfb35ecbbaa951',
      arm64: '923c2900312758510f31329357ebef03e8729b2078a91c3d209a86f87e5588a0',
    },
    aws: {
      version: '1.13.1',
      amd64: '821dcc17892dd7fe8a1a8d436dda9ac808d961ff04e0036bf006a66710440b77',
      arm64: '2ba4b6e9f0222f9795a61b57cf36891dc68e7747d2c04f72709fd683043474fa',
    },
  },
]

export type Architecture = 'amd64' | 'arm64'

export const tagOf = (image: AddonImage, architecture: Architecture): string =>
  `v${image.version}-${architecture}@sha256:${image[architecture]}`

const numbersOf = (version: string): readonly number[] | undefined =>
  /^v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:[-+]|$)/.exec(version)?.slice(1).map(Number)

/** Those of an Embedded Cluster version (`2.19.4+k8s-1.36`); undefined for one that has no plugins, or that is not known. */
export const addonImagesOf = (ecVersion: string): AddonImages | undefined => {
  const asked = numbersOf(ecVersion)
  if (asked?.[0] !== 2) return undefined
  return addonImages.find(({ since }) => {
    const first = numbersOf(since) ?? []
    const differs = first.findIndex((number, index) => number !== asked[index])
    return differs === -1 || (asked[differs] ?? 0) > (first[differs] ?? 0)
  })
}
