import { type Ended, run, succeed } from './peers.ts'
import { temporaryFolder } from './processes.ts'

/** The real notation, with a configuration of its own: a signing key and certificate that it made for tests. */
export interface NotationCli {
  sign(reference: string, format: 'jws' | 'cose', flags?: readonly string[]): Promise<Ended>
  run(args: readonly string[]): Promise<Ended>
}

export const notationCli = async (program: string): Promise<NotationCli> => {
  const folder = temporaryFolder('notation')
  const options = { env: { HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder, DOCKER_CONFIG: folder }, cwd: folder }
  await succeed(program, ['cert', 'generate-test', '--default', 'interop'], options)
  return {
    run: args => run(program, args, options),
    sign: (reference, format, flags = []) =>
      run(program, ['sign', '--insecure-registry', '--signature-format', format, ...flags, reference], options),
  }
}
