import type { CodeDoc } from '../../outcome.ts'

const fail = (meaning: string, remedy: string) => ({ status: 'fail', meaning, remedy }) as const
const warn = (meaning: string, remedy: string) => ({ status: 'warn', meaning, remedy }) as const

export type BinariesCode = keyof typeof binariesCodes

export const binariesCodes = {
  BINARIES_OK: {
    status: 'pass',
    meaning: 'The image copies plugins that Velero can start: every layer that was read has its diff_id.',
  },
  BINARIES_DECLARED: warn(
    'What is said of the image rests on tables of contents in its layers (eStargz, zstd:chunked). A node does not look at them: it unpacks the layers, which were not read.',
    'Run with --prove, which reads the layers themselves.',
  ),
  BINARIES_UNREADABLE: fail(
    'The files of the image could not be read: not found, refused, broken off, or nothing for this platform.',
    'See the message, and the check image.',
  ),
  LAYER_CORRUPT: fail('A layer cannot be decompressed, or is not an archive that containerd unpacks.', 'Build and push the image again.'),
  LAYER_DIFF_ID: fail("A layer's uncompressed bytes do not have the diff_id of the image's config.", 'Build and push the image again.'),
  LAYER_TOO_LARGE: fail(
    'A layer unpacks to more than the limit, or to so many times its size as only a bomb does.',
    'Build the image anew, without what fills the layer.',
  ),
  LAYER_UNSUPPORTED: fail(
    'A layer is encrypted, of an unknown kind, or compressed with a window that is too large.',
    'Push the image again with gzip or zstd layers.',
  ),
  LAYER_AMBIGUOUS: warn(
    'Nodes with overlayfs, which unpack each layer by itself, get other files from a layer than is seen here, or cannot unpack it.',
    'Build the image again with a current tool; such layers are made by hand.',
  ),
  USER_UNKNOWN: fail(
    "The image's USER is not in its /etc/passwd, or out of range, so the container cannot be created.",
    'Write a number, such as USER 65532:65532.',
  ),
  USER_UNREAD: warn(
    "Whether the image's USER exists could not be seen, because its /etc/passwd is very large or elsewhere.",
    'Write a number, such as USER 65532:65532.',
  ),
  COPY_NO_COMMAND: fail(
    'The image has neither ENTRYPOINT nor CMD, so the init container cannot be created.',
    'Add an ENTRYPOINT that copies the plugin to /target.',
  ),
  COPY_PROGRAM_MISSING: fail(
    "The program that the image's command starts with is not in the image, or is no executable file.",
    'Put it into the image: one FROM scratch has neither shell nor cp.',
  ),
  COPY_PROGRAM_LOADER_MISSING: fail(
    'The program that copies needs a dynamic loader or interpreter that the image does not have.',
    'Link it statically, or put the loader or interpreter into the image.',
  ),
  COPY_PROGRAM_MACHINE: fail(
    'The program that copies is for another machine than the node.',
    'Take it from an image of the right platform.',
  ),
  COPY_FAILS: fail('The command of the image ends with an error, so Velero never starts.', 'Correct the command or what it copies.'),
  COPY_COMMAND_UNKNOWN: warn(
    'The command of the image is none of the known ways to copy, so what lands in /target could not be worked out.',
    'Use cp-plugin or a plain cp as entrypoint, or try the image with a real Velero.',
  ),
  BINARIES_NONE: fail('The image copies nothing to /target that Velero would start.', 'Correct the command, or what stands in /plugins.'),
  BINARIES_TOO_MANY: fail(
    'The image copies more than a thousand files that Velero would all start as plugins.',
    'Copy only the plugins to /target.',
  ),
  BINARY_NOT_EXECUTABLE: fail(
    'A plugin has no execute bit: Velero runs, but without it.',
    'Set mode 0755 in the image (COPY --chmod=0755, or chmod before COPY).',
  ),
  BINARY_MODE: fail(
    "What is copied may not be executed, or a folder not be read, by Velero's user, which ends the server at its start.",
    'Set mode 0755 in the image.',
  ),
  BINARY_MACHINE: fail(
    'A file that Velero would start is for another machine or system, which ends the server at its start.',
    'Build it for the platform of the node.',
  ),
  BINARY_32BIT: warn(
    'A plugin is 32-bit code: it runs only where the kernel was built to run that.',
    'Build it for the platform of the node.',
  ),
  BINARY_NOT_ELF: fail(
    'A file that Velero would start is no Linux executable, or a damaged one, which ends the server at its start.',
    'Copy only the plugins to /target.',
  ),
  BINARY_SCRIPT: fail(
    'A file that Velero would start is a script; its image has no interpreter, which ends the server at its start.',
    'Copy only compiled plugins to /target.',
  ),
  BINARY_TRUNCATED: fail('A file that Velero would start is shorter than its own headers say.', 'Build and push the image again.'),
  BINARY_SYMLINK: fail(
    'A symbolic link lands in /target: Velero starts what it points at a second time, or fails on it.',
    'Copy files, not links.',
  ),
  BINARY_DYNAMIC_LOADER_MISSING: fail(
    "A plugin needs a dynamic loader that Velero's image does not have (musl, or an unusual place).",
    'Build it with CGO_ENABLED=0.',
  ),
  BINARY_DYNAMIC: warn(
    "A plugin is linked against glibc at run time: whether it starts depends on Velero's image.",
    'Build it with CGO_ENABLED=0.',
  ),
  BINARY_GLIBC: warn(
    "A plugin needs a newer glibc than Velero's published images have; which one Embedded Cluster's has is not known.",
    'Build it with CGO_ENABLED=0, or on an older system.',
  ),
  BINARY_NOT_A_PLUGIN: fail(
    'A file that Velero would start is a program but no Velero plugin, which ends the server at its start.',
    'Copy only the plugins to /target, or take its execute bit away.',
  ),
  BINARY_UNKNOWN: warn(
    'Whether a file is a Velero plugin, or with which framework it was built, cannot be told from its bytes.',
    'Build it with Go modules and without packing or obfuscating it, or try it with a real Velero.',
  ),
  BINARY_PROTOCOL: fail(
    'A plugin was built with a framework of before Velero 1.0, whose protocol no server speaks any more.',
    'Build it anew with a current framework.',
  ),
  BINARY_FRAMEWORK_NEWER: warn(
    'A plugin was built with the framework of a later Velero than the server: the server may not know what it registers.',
    'Build it with the framework of the server or an earlier one.',
  ),
  BINARY_CSI_BUILTIN: fail(
    'velero-plugin-for-csi is part of Velero since 1.14, and a second one ends the server at its start.',
    'Remove the plugin from the Config.',
  ),
  BINARY_COLLISION: fail(
    "Two images copy different files to one name (or one of them to that of Embedded Cluster's own plugin): the later one wins.",
    'Rename the file in one of the images.',
  ),
  BINARY_OVERWRITTEN: warn(
    "Two images copy the same file to one name, or an image replaces Embedded Cluster's own plugin by another build of it.",
    'Remove one of the plugins from the Config.',
  ),
  BINARY_TWIN: fail(
    'The same plugin lands in /target under two names, registers itself twice, and ends the server at its start.',
    'Copy it once.',
  ),
  BINARY_SAME_PACKAGE: warn(
    'Two files are builds of one program: if both register the same names, the server ends at its start.',
    'Copy only one of them.',
  ),
} as const satisfies Record<string, CodeDoc>
