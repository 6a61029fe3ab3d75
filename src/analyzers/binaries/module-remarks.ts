import type { GoFacts, PluginFileFacts } from '../../facts/binaries.ts'
import { printable } from '../../redact.ts'
import { csiBuiltInSince, csiModule, isNewer, isProtocol1, parseVersion } from '../../velero/framework.ts'
import { type Remark, remark } from './remark.ts'
import { pathWords } from './words.ts'

/** Whether a Linux program is a Velero plugin, and one that this server understands. */
export const moduleRemarks = (file: PluginFileFacts, veleroVersion: string | undefined): readonly Remark[] => {
  const { elf, go } = file.file ?? {}
  const place = pathWords(file)
  if (elf?.packed) return [unknown(`${place} is packed by UPX, so it cannot be seen whether it is a Velero plugin.`)]
  if (go === undefined) {
    return elf?.goPlugin
      ? [
          unknown(
            `${place} serves plugins by go-plugin, but has no Go build information, so the version of its Velero framework cannot be seen.`,
          ),
        ]
      : [noPlugin(place, 'has neither Go build information nor any trace of go-plugin')]
  }
  if (go.version === '') return [unknown(`${place} was built with Go before 1.18, which keeps its build information where it is not read.`)]
  if (go.modules === 0) {
    return elf?.goPlugin
      ? [
          unknown(
            `${place} serves plugins by go-plugin, but was built without Go modules, so the version of its Velero framework cannot be seen.`,
          ),
        ]
      : [noPlugin(place, 'is a Go program without go-plugin')]
  }
  if (go.module?.path === csiModule) return csi(place, veleroVersion)
  if (go.framework === undefined) return [noPlugin(place, `is a Go program (${moduleWords(go)}) without Velero's framework`)]
  return frameworkRemarks(place, go.framework, veleroVersion)
}

const unknown = (text: string): Remark =>
  remark('BINARY_UNKNOWN', `${text} Try it with a real Velero of the right version, or build it with Go modules and unpacked.`)

const noPlugin = (place: string, what: string): Remark =>
  remark(
    'BINARY_NOT_A_PLUGIN',
    `${place} ${what}: it is no Velero plugin. Velero starts every executable file there as one, and the server ends with "Unrecognized remote plugin message". Copy only the plugins to /target, or take its execute bit away.`,
  )

const moduleWords = (go: GoFacts): string => printable(go.path ?? go.module?.path ?? 'no name', 200)

const csi = (place: string, veleroVersion: string | undefined): readonly Remark[] => {
  const server = veleroVersion === undefined ? undefined : parseVersion(veleroVersion)
  const { major, minor } = csiBuiltInSince
  if (server !== undefined && server.major === major && server.minor < minor) return []
  const which = veleroVersion === undefined ? 'Embedded Cluster has 1.17 or later' : `this one is ${veleroVersion}`
  return [
    remark(
      'BINARY_CSI_BUILTIN',
      `${place} is velero-plugin-for-csi, which is part of Velero since 1.14 (${which}): with it the server ends at its start with "unable to register plugin". Remove the plugin from the Config.`,
    ),
  ]
}

const frameworkRemarks = (
  place: string,
  framework: NonNullable<GoFacts['framework']>,
  veleroVersion: string | undefined,
): readonly Remark[] => {
  const version = printable(framework.version, 80)
  if (isProtocol1(framework)) {
    return [
      remark(
        'BINARY_PROTOCOL',
        `${place} was built with ${printable(framework.path)} ${version}, of before Velero 1.0: no server speaks its protocol any more and this one ends with "Incompatible API version with plugin". Build it with a current framework.`,
      ),
    ]
  }
  if (veleroVersion === undefined || isNewer(framework.version, veleroVersion) !== true) return []
  return [
    remark(
      'BINARY_FRAMEWORK_NEWER',
      `${place} was built with the framework of Velero ${version}, and the server is ${veleroVersion}. If it registers a kind that this server does not know, the server ends at its start with "invalid plugin kind". Build it with the framework of ${veleroVersion} or earlier, or try the two together.`,
    ),
  ]
}
