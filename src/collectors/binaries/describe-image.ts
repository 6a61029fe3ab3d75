import type { BinariesFact, PluginFileFacts, ProgramFacts, UserFacts } from '../../facts/binaries.ts'
import { type Directory, type FileNode, lookUp } from '../../oci/file-tree.ts'
import { type ImageUser, imageUser, imageUserAlone, superuser } from '../../oci/identity.ts'
import { formatPlatform } from '../../oci/platform.ts'
import type { ResolvedImage } from '../../oci/platform-image.ts'
import { LowerLayersNeeded } from '../../oci/unknown-below.ts'
import { redact } from '../../redact.ts'
import { discover, type PluginFile } from '../../velero/discovery.ts'
import { effectiveArgv, searchPath } from '../../velero/effective-argv.ts'
import { type InitRun, runInitCommand } from '../../velero/init-command.ts'
import type { FoundProgram } from '../../velero/program.ts'
import { fileFacts, headFacts, utf8 } from './file-facts.ts'
import type { UnpackedImage } from './unpack-image.ts'

type Described = Omit<Extract<BinariesFact, { ok: true }>, 'plugin' | 'image' | 'platform' | 'ok'>

/** What is listed of the files that Velero would find. */
const maxFiles = 1000

/** What the image would copy and what Velero would find, from its files and config alone. */
export const describeImage = ({ digest, config }: ResolvedImage, { root, layers, doubts }: UnpackedImage): Described => {
  const user = userOf(root, latin1(config.user))
  const argv = effectiveArgv(config).map(latin1)
  const run = runInitCommand(root, {
    argv,
    searchPath: latin1(searchPath(config.env)),
    workingDir: latin1(config.workingDir),
    who: 'problem' in user ? superuser : user,
  })
  const known = run.end.state !== 'unknown'
  const found = known ? discover(run.target) : discover(pluginsFolder(root))
  const ordered = [...found.filter(({ runs }) => runs), ...found.filter(({ runs }) => !runs)]
  return {
    digest,
    configPlatform: formatPlatform(config.platform),
    proven: layers.some(({ declared }) => declared) ? 'declared' : layers.some(({ unread }) => unread) ? 'upperLayers' : 'allLayers',
    layers,
    doubts: doubts.map(({ kind, path }) => ({ kind, path: utf8(path) })),
    user: userFacts(config.user, user),
    argv: argv.slice(0, 100).map(word => redact(utf8(word, 1000))),
    ...(run.program === undefined ? {} : { program: programFacts(run.program) }),
    copy: 'why' in run.end ? { state: run.end.state, why: redact(utf8(run.end.why, 1000)) } : run.end,
    filesFrom: known ? 'target' : 'image',
    files: ordered.slice(0, maxFiles).map(file => pluginFile(file, known ? run : undefined)),
    moreFiles: Math.max(0, ordered.length - maxFiles),
  }
}

/** JSON has text where the file system has bytes. */
const latin1 = (text: string): string => Buffer.from(text).toString('latin1')

/** The files that name the groups of a number may lie in layers that were not read. Where a group matters, that is found out. */
const userOf = (root: Directory, configured: string): ImageUser => {
  try {
    return imageUser(root, configured)
  } catch (error) {
    const alone = error instanceof LowerLayersNeeded ? imageUserAlone(configured) : undefined
    if (alone === undefined) throw error
    return alone
  }
}

const pluginsFolder = (root: Directory): Directory => {
  const found = lookUp(root, '/plugins', { last: 'follow' })
  return typeof found !== 'string' && found.node.kind === 'directory' ? found.node : { ...root, children: new Map() }
}

const userFacts = (configured: string, user: ImageUser): UserFacts =>
  'problem' in user
    ? { configured, problem: user.problem }
    : { configured, uid: user.uid, ...(user.groupsUnknown ? {} : { gid: user.gid }) }

const programFacts = ({ name, path, problem, file, starter }: FoundProgram): ProgramFacts => ({
  name: utf8(name),
  ...(path === undefined ? {} : { path: utf8(path) }),
  ...(problem === undefined ? {} : { problem }),
  ...(file === undefined ? {} : { file: headFacts(file.content) }),
  ...(starter === undefined ? {} : { starter: { path: utf8(starter.path), found: starter.found } }),
})

const pluginFile = ({ path, node, runs }: PluginFile, run: InitRun | undefined): PluginFileFacts => ({
  path: utf8(path),
  from: utf8(run?.origins.get(node) ?? `/plugins/${path}`),
  mode: (node.mode & 0o7777).toString(8).padStart(4, '0'),
  kind: kindOf(node),
  runs,
  ...(node.kind === 'symlink' ? { target: utf8(node.target) } : {}),
  ...(node.kind === 'file' ? { file: fileFacts(node.content) } : {}),
})

const kindOf = ({ kind }: FileNode): PluginFileFacts['kind'] => (kind === 'device' || kind === 'fifo' ? 'other' : kind)
