import { printable } from '../../redact.ts'
import { type Remark, remark, type Seen } from './remark.ts'
import { commandWords, fileLine } from './words.ts'

/** Whether the init container can be created, and copies. */
export const copyRemarks = (fact: Seen, platform: string): readonly Remark[] => {
  const user = userRemarks(fact)
  if (fact.argv.length === 0) {
    return [
      ...user,
      remark(
        'COPY_NO_COMMAND',
        'the image has neither ENTRYPOINT nor CMD, and Embedded Cluster gives no command, so the init container cannot be created ("no command specified"). Add one that copies the plugin: ENTRYPOINT ["cp-plugin", "/plugins/NAME", "/target/NAME"].',
      ),
    ]
  }
  const program = programRemark(fact, platform)
  return [...user, ...(program === undefined ? endRemarks(fact) : [program])]
}

const userRemarks = ({ user: { configured, problem } }: Seen): readonly Remark[] => {
  if (problem === undefined) return []
  const name = printable(configured, 80)
  if (problem === 'unread') {
    return [
      remark(
        'USER_UNREAD',
        `the image runs as the user "${name}", and its /etc/passwd could not be read to see whether it exists. Write a number, such as USER 65532:65532.`,
      ),
    ]
  }
  const why = problem === 'range' ? 'no container can have (0 to 2147483647)' : 'its /etc/passwd does not have'
  return [
    remark(
      'USER_UNKNOWN',
      `the image is to run as the user "${name}", which ${why}, so the init container cannot be created. Write a number that exists, such as USER 65532:65532.`,
    ),
  ]
}

/** Why what copies cannot be started. */
const programRemark = (fact: Seen, platform: string): Remark | undefined => {
  const { program } = fact
  if (program === undefined) return undefined
  const command = `its command ${commandWords(fact.argv)}`
  const name = printable(program.path ?? program.name, 200)
  if (program.problem === 'missing') {
    return remark(
      'COPY_PROGRAM_MISSING',
      `${command} starts with ${name}, which is not in the image, so the init container cannot start. An image FROM scratch has neither a shell nor cp. Put a static one into it, or use the cp-plugin of Velero's own plugins.`,
    )
  }
  if (program.problem !== undefined) {
    const why = program.problem === 'notFile' ? 'is no file' : `may not be executed by ${userWords(fact)}`
    return remark(
      'COPY_PROGRAM_MISSING',
      `${command} starts with ${name}, which ${why}, so the init container cannot start. Set mode 0755 on it in the image.`,
    )
  }
  if (program.starter?.found === false) {
    return remark(
      'COPY_PROGRAM_LOADER_MISSING',
      `${command} starts with ${name}, which needs ${printable(program.starter.path)}, and the image does not have that, so the init container cannot start ("no such file or directory"). Use a statically linked program.`,
    )
  }
  return machineRemark(fact, platform, command, name)
}

const machineRemark = ({ program }: Seen, platform: string, command: string, name: string): Remark | undefined => {
  const content = program?.file
  const wanted = platform.split('/')[1] ?? ''
  const machine = content?.elf?.machine
  const refused = 'so the init container ends with "exec format error"'
  if (content !== undefined && machine === undefined && content.kind !== 'script') {
    return remark(
      'COPY_PROGRAM_MACHINE',
      `${command} starts with ${name}, which is no Linux program, ${refused}. Build and push the image again.`,
    )
  }
  const fits =
    machine === undefined || machine === wanted || (wanted === 'amd64' && machine === '386') || (wanted === 'arm64' && machine === 'arm')
  if (fits && content?.elf?.fault === undefined && content?.elf?.truncated !== true) return undefined
  const what = fits ? 'is damaged' : `is for ${machine}, and the node is ${wanted}`
  return remark('COPY_PROGRAM_MACHINE', `${command} starts with ${name}, which ${what}, ${refused}. Take it from an image for ${platform}.`)
}

const userWords = ({ user: { configured, uid } }: Seen): string =>
  configured === '' ? 'root' : `the user ${printable(configured, 80)}${uid === undefined ? '' : ` (uid ${uid})`}`

const endRemarks = (fact: Seen): readonly Remark[] => {
  const command = `its command ${commandWords(fact.argv)}`
  const { copy } = fact
  if (copy.state === 'done') return noneRemarks(fact, command, copy.elsewhere)
  const why = printable(copy.why, 600)
  return copy.state === 'failed'
    ? [
        remark(
          'COPY_FAILS',
          `${command} ends with an error: ${why}. The init container then fails again and again, and Velero never starts. Correct the command, or what it copies.`,
        ),
      ]
    : [
        remark(
          'COPY_COMMAND_UNKNOWN',
          `what ${command} copies could not be worked out: ${why} is not among what is understood. The files in /plugins of the image were looked at instead. Use cp-plugin or a plain cp as entrypoint, or try the image with a real Velero.`,
        ),
      ]
}

const noneRemarks = (fact: Seen, command: string, elsewhere: string | undefined): readonly Remark[] => {
  if (fact.moreFiles > 0 && fact.files.every(({ runs }) => runs)) {
    return [
      remark(
        'BINARIES_TOO_MANY',
        `${command} copies ${fact.files.length + fact.moreFiles} files that Velero would all start as plugins. Copy only the plugins to /target.`,
      ),
    ]
  }
  if (elsewhere !== undefined) {
    return [
      remark(
        'BINARIES_NONE',
        `${command} copies to ${printable(elsewhere)}, and Velero takes plugins from /target alone. Copy to /target.`,
      ),
    ]
  }
  if (fact.files.length === 0)
    return [
      remark(
        'BINARIES_NONE',
        `${command} copies nothing to /target, so Velero has no plugin from it. Correct the command, or what stands in /plugins.`,
      ),
    ]
  const plugin = fact.files.some(({ runs, file }) => runs || file?.go?.framework !== undefined || file?.elf?.goPlugin === true)
  if (plugin) return []
  return [
    remark(
      'BINARIES_NONE',
      `${command} copies nothing to /target that Velero would start: no file there has an execute bit. Correct the modes, or what stands in /plugins.`,
      fact.files.slice(0, 20).map(fileLine),
    ),
  ]
}
