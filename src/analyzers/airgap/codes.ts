import type { CodeDoc } from '../../outcome.ts'

const fail = (meaning: string, remedy: string) => ({ status: 'fail', meaning, remedy }) as const
const warn = (meaning: string, remedy: string) => ({ status: 'warn', meaning, remedy }) as const

export type AirgapCode = keyof typeof airgapCodes

export const airgapCodes = {
  AIRGAP_PRESENT: {
    status: 'pass',
    meaning: 'The image is among those that a node imports, whole, under the name that the node looks for.',
  },
  AIRGAP_BUNDLE_UNREADABLE: fail('The bundle is damaged or cut off, or is none.', 'Download or build it again, and compare its checksum.'),
  AIRGAP_BUNDLE_UNUSABLE: fail('Embedded Cluster would not install from the bundle.', 'Build it again as the message says.'),
  AIRGAP_OTHER_RELEASE: fail(
    'The bundle is of another application, channel or version than the installer or release that was given: Embedded Cluster refuses it.',
    'Take the bundle and the installer from the same download.',
  ),
  AIRGAP_IMAGES_UNUSABLE: fail(
    'containerd imports nothing of an archive of images: it is compressed, damaged, or neither an OCI layout nor a docker archive.',
    'Build the archive again as the message says.',
  ),
  AIRGAP_MISSING: fail(
    'The image is not among those that a node imports: the node would ask its registry, which an air gap keeps it from.',
    'Put the image into embedded-cluster/images-amd64.tar under its original reference.',
  ),
  AIRGAP_MISNAMED: fail(
    'The image is there under a name that means it and that no node looks for: containerd keeps names as they are written.',
    'Write the whole name, with registry and tag, into the archive.',
  ),
  AIRGAP_ELSEWHERE: fail(
    'The image is in the bundle, but only among those that go to the registry in the cluster, where nobody asks for it.',
    'Put the image into embedded-cluster/images-amd64.tar under its original reference; additionalImages does not help.',
  ),
  AIRGAP_DIGEST_UNNAMED: fail(
    'The Config names the image by its digest, and the bundle gives no image that name.',
    'Name the image by its tag alone, or put it into the archive under the name with the digest.',
  ),
  AIRGAP_DIGEST_DIFFERS: fail(
    'What stands under the name with the digest has another digest, or none that can be compared.',
    'Put the image that the Config names into the bundle, as an OCI layout.',
  ),
  AIRGAP_DIGEST: warn(
    'The image is there under its digest; tools that build bundles often pull by tag alone and leave such a name out.',
    'Check every bundle, or name the image by its tag.',
  ),
  AIRGAP_PULL_ALWAYS: fail(
    'imagePullPolicy is Always: the node asks the registry although it has the image.',
    'Take IfNotPresent, or leave it out.',
  ),
  AIRGAP_PLATFORM_MISSING: fail(
    'The bundle does not have the image for the platform, and containerd imports no other one.',
    'Put the image for that platform into the bundle.',
  ),
  AIRGAP_AMD64_ONLY: fail(
    'Embedded Cluster installs without a network on linux/amd64 alone.',
    'Leave the other platform out, or install with a network.',
  ),
  AIRGAP_INCOMPLETE: fail(
    'A part of the image is not in the archive; containerd imports it all the same, and the container does not start.',
    'Build the bundle again.',
  ),
  AIRGAP_UNCHECKED: fail('The image in the bundle could not be judged.', 'See the message.'),
  AIRGAP_NAME_TWICE: warn(
    'Different images have the name; containerd keeps the last one, which is the one that was checked.',
    'Leave one of them in the bundle.',
  ),
  AIRGAP_COLLISION: warn(
    'Another image of the bundle has the same last component and tag: in the registry of the cluster one of them replaces the other.',
    'Rename one of the two, where both are meant to be there.',
  ),
} as const satisfies Readonly<Record<string, CodeDoc>>
