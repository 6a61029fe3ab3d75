import type { FileFacts, PluginFileFacts } from '../../facts/binaries.ts'
import { printable } from '../../redact.ts'
import { moduleRemarks } from './module-remarks.ts'
import { type Remark, remark, type Seen } from './remark.ts'
import { fileLine, fromWords, kindWords, pathWords } from './words.ts'

/** glibc of Velero's published images: Ubuntu 22.04 under 1.13 to 1.18 (facts about its Dockerfile and Paketo's run image). */
const veleroGlibcMinor = 35
const glibcLoaders = new Set([
  '/lib64/ld-linux-x86-64.so.2',
  '/lib/ld-linux-aarch64.so.1',
  '/lib/ld-linux-armhf.so.3',
  '/lib/ld-linux.so.2',
])
/** Kernels for the first mostly run the second too. */
const narrower: Readonly<Record<string, string>> = { amd64: '386', arm64: 'arm' }

/** What is to be said of each file that Velero finds. */
export const fileRemarks = (fact: Seen, platform: string, veleroVersion: string | undefined): readonly Remark[] =>
  fact.files.flatMap(file => {
    if (fact.filesFrom === 'image' && !file.runs) return []
    const found = file.runs ? started(file, platform, veleroVersion) : idle(file)
    return found.map(one => ({ ...one, evidence: [fileLine(file)] }))
  })

/** A file that Velero passes over, or a folder that it looks into. */
const idle = (file: PluginFileFacts): readonly Remark[] => {
  const mode = Number.parseInt(file.mode, 8)
  if (file.kind === 'directory' && (mode & 5) !== 5) {
    const text = `the folder ${pathWords(file)} has mode ${file.mode}: Velero may not look into it and ends at its start with "permission denied". Set mode 0755 in the image.`
    return [remark('BINARY_MODE', text)]
  }
  if (!isPlugin(file.file)) return []
  const text = `${pathWords(file)}${fromWords(file)} has mode ${file.mode}: without an execute bit Velero passes over it, and runs without this plugin. Set mode 0755 in the image (COPY --chmod=0755, or chmod before COPY).`
  return [remark('BINARY_NOT_EXECUTABLE', text)]
}

const isPlugin = (file: FileFacts | undefined): boolean => file?.go?.framework !== undefined || file?.elf?.goPlugin === true

/** A file that Velero starts: all that can be wrong, but only one reason why the kernel refuses it. */
const started = (file: PluginFileFacts, platform: string, veleroVersion: string | undefined): readonly Remark[] => {
  if (file.kind === 'symlink') return [symlink(file)]
  const kernel = refusedByKernel(file, platform)
  const mode = modeRemarks(file)
  return kernel === undefined
    ? [...mode, ...loaderRemarks(file), ...narrow(file, platform), ...moduleRemarks(file, veleroVersion)]
    : [...mode, kernel]
}

const symlink = (file: PluginFileFacts): Remark =>
  remark(
    'BINARY_SYMLINK',
    `${pathWords(file)} is a symbolic link to ${printable(file.target ?? '')}. Velero starts what it points at as one more plugin, which registers everything twice and ends the server; where it points at nothing, the server ends too. Copy only files: cp without -a, -d and -P.`,
  )

const modeRemarks = (file: PluginFileFacts): readonly Remark[] => {
  if ((Number.parseInt(file.mode, 8) & 1) === 1) return []
  const text = `${pathWords(file)}${fromWords(file)} has mode ${file.mode}: Velero tries to start it, its user may not execute it, and the server ends with "permission denied". Set mode 0755 in the image.`
  return [remark('BINARY_MODE', text)]
}

/** Why the kernel would not start it: `exec format error`, or a crash. */
const refusedByKernel = (file: PluginFileFacts, platform: string): Remark | undefined => {
  const place = `${pathWords(file)}${fromWords(file)}`
  const content = file.file
  if (content === undefined)
    return remark('BINARY_NOT_ELF', `${place} is no regular file, and Velero would start it. Copy only the plugins to /target.`)
  if (content.kind === 'script') {
    const line = printable(content.interpreterLine ?? '', 100)
    return remark(
      'BINARY_SCRIPT',
      `${place} is a script (#!${line}). Velero starts every executable file as a plugin, and its image has no interpreter: the server ends with "no such file or directory". Copy only compiled plugins to /target.`,
    )
  }
  const { elf } = content
  if (elf === undefined) {
    return remark(
      'BINARY_NOT_ELF',
      `${place} is ${kindWords[content.kind]} and executable. Velero starts every executable file as a plugin, and ends with "exec format error" on this one. Copy only the plugins to /target, or take its execute bit away.`,
    )
  }
  const wanted = platform.split('/')[1] ?? ''
  if (elf.fault !== undefined) {
    return remark(
      'BINARY_NOT_ELF',
      `${place} cannot be started: ${elf.fault}. Velero ends with "exec format error" on it. Build and push the image again.`,
    )
  }
  const system = content.go?.os
  if (system !== undefined && system !== 'linux') {
    return remark(
      'BINARY_MACHINE',
      `${place} was built for ${printable(system, 40)}, and nodes run linux. Velero ends at its start on it. Build it with GOOS=linux.`,
    )
  }
  if (elf.machine !== wanted && narrower[wanted] !== elf.machine) {
    return remark(
      'BINARY_MACHINE',
      `${place} is for ${elf.machine}, and the node is ${wanted}. Velero ends with "exec format error" at its start. Build it with GOARCH=${wanted} for this platform.`,
    )
  }
  if (!elf.truncated) return undefined
  return remark(
    'BINARY_TRUNCATED',
    `${place} is cut off: it is shorter than its own headers say, so it crashes when Velero starts it. Build and push the image again.`,
  )
}

const narrow = (file: PluginFileFacts, platform: string): readonly Remark[] => {
  const wanted = platform.split('/')[1] ?? ''
  const machine = file.file?.elf?.machine
  if (machine === undefined || machine === wanted) return []
  const text = `${pathWords(file)} is 32-bit code for ${machine}, and the node is ${wanted}: it runs only where the kernel was built to run that too. Build it with GOARCH=${wanted}.`
  return [remark('BINARY_32BIT', text)]
}

const loaderRemarks = (file: PluginFileFacts): readonly Remark[] => {
  const elf = file.file?.elf
  if (elf?.interpreter === undefined) return []
  const loader = printable(elf.interpreter, 200)
  const place = pathWords(file)
  const advice = 'Build it with CGO_ENABLED=0: then it needs nothing of that image.'
  if (elf.interpreter !== '' && !glibcLoaders.has(elf.interpreter)) {
    const why = loader.includes('musl') ? ', that of Alpine' : ''
    const text = `${place} needs the dynamic loader ${loader}${why}, which Velero's image does not have: the server ends with "no such file or directory". ${advice}`
    return [remark('BINARY_DYNAMIC_LOADER_MISSING', text)]
  }
  const minor = Number(elf.glibc?.split('.')[1] ?? 0)
  if (minor > veleroGlibcMinor) {
    const text = `${place} needs glibc ${elf.glibc}. Velero's published images up to 1.18 have 2.${veleroGlibcMinor}, and on an older one the server ends with "Unrecognized remote plugin message"; what Embedded Cluster's image has is not known. ${advice}`
    return [remark('BINARY_GLIBC', text)]
  }
  const needs = elf.glibc === undefined ? '' : `, with glibc ${elf.glibc} or later,`
  const text = `${place} is linked at run time (${elf.interpreter === '' ? 'its loader could not be seen' : loader})${needs} and runs only if Velero's image has these libraries, which is not known of Embedded Cluster's. ${advice}`
  return [remark('BINARY_DYNAMIC', text)]
}
