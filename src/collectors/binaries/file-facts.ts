import type { ElfHeadFacts, FileFacts, FileHeadFacts, GoFacts } from '../../facts/binaries.ts'
import type { FileContent } from '../../oci/file-content.ts'
import type { BuildInfo } from '../../oci/go-build-info.ts'
import { type GoModule, parseModules } from '../../oci/go-modules.ts'
import { pluginModules } from '../../velero/framework.ts'

/** Names of files are kept one character a byte; facts have them as people write them. */
export const utf8 = (latin1: string, limit = 4096): string => Buffer.from(latin1.slice(0, limit), 'latin1').toString()

export const headFacts = ({ sizeBytes, sha256, kind, interpreterLine, elf }: FileContent): FileHeadFacts => ({
  sizeBytes,
  sha256,
  kind,
  ...(interpreterLine === undefined ? {} : { interpreterLine: utf8(interpreterLine) }),
  ...(elf === undefined ? {} : { elf: elfHeadFacts(elf, sizeBytes) }),
})

const elfHeadFacts = (elf: NonNullable<FileContent['elf']>, sizeBytes: number): ElfHeadFacts => ({
  machine: elf.machine,
  bits: elf.bits,
  ...(elf.interpreter === undefined ? {} : { interpreter: utf8(elf.interpreter) }),
  truncated: elf.neededBytes > sizeBytes,
  ...(elf.fault === undefined ? {} : { fault: elf.fault }),
})

export const fileFacts = (content: FileContent): FileFacts => {
  const { elf: head, ...facts } = headFacts(content)
  const { elf } = content
  if (head === undefined || elf === undefined) return facts
  const { glibc, goPlugin, packed, go } = elf
  return {
    ...facts,
    elf: { ...head, ...(glibc === undefined ? {} : { glibc }), goPlugin: goPlugin === true, packed: packed === true },
    ...(go === undefined ? {} : { go: goFacts(go) }),
  }
}

const goFacts = ({ goVersion, modules }: BuildInfo): GoFacts => {
  const parsed = parseModules(modules)
  const { framework, goPlugin } = pluginModules(parsed)
  const { path, main, dependencies, settings } = parsed
  const setting = (name: string) => settings.get(name)?.slice(0, 200)
  const [os, architecture, cgo, revision] = ['GOOS', 'GOARCH', 'CGO_ENABLED', 'vcs.revision'].map(setting)
  return {
    version: goVersion.slice(0, 100),
    ...(path === undefined ? {} : { path: path.slice(0, 300) }),
    ...(main === undefined ? {} : { module: moduleFacts(main) }),
    ...(framework === undefined ? {} : { framework: frameworkFacts(framework) }),
    ...(goPlugin === undefined ? {} : { goPlugin }),
    modules: dependencies.length + (main === undefined ? 0 : 1),
    ...(os === undefined ? {} : { os }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(cgo === undefined ? {} : { cgo: cgo === '1' }),
    ...(revision === undefined ? {} : { revision }),
  }
}

const moduleFacts = ({ path, version }: { readonly path: string; readonly version: string }) => ({
  path: path.slice(0, 300),
  version: version.slice(0, 200),
})

const frameworkFacts = (module: GoModule) => ({
  ...moduleFacts(module),
  ...(module.replacedBy === undefined ? {} : { replacedBy: moduleFacts(module.replacedBy) }),
})
