import { expect } from 'chai'
import type { ContainerStateFact, EndedFact, VeleroContainerFact } from '../../src/facts/velero.ts'
import { containerFault } from '../../src/velero/init-fault.ts'

const container = (state: ContainerStateFact, more: Partial<VeleroContainerFact> = {}): VeleroContainerFact => ({
  name: 'acme',
  init: true,
  image: 'r.io/acme/denied-x509:v1',
  state,
  ready: false,
  restarts: 0,
  ...more,
})

const waiting = (reason: string, message = ''): ContainerStateFact => ({ kind: 'waiting', reason, message })
const pull = (why: string) =>
  `failed to pull and unpack image "r.io/acme/denied-x509:v1": failed to resolve reference "r.io/acme/denied-x509:v1": ${why}`
const crashed = (last: EndedFact, ...lines: readonly string[]) =>
  container(waiting('CrashLoopBackOff', 'back-off 40s'), { last, restarts: 3, log: { ok: true, lines } })

describe('why a container does not run', () => {
  for (const [kind, why] of [
    ['imageNotFound', 'r.io/acme/x:v1: not found'],
    ['imageDenied', 'pulling from host r.io failed with status code [manifests v1]: 401 Unauthorized'],
    [
      'imageDenied',
      'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    ],
    ['imageUnreachable', 'failed to do request: Head "https://r.io/v2/": dial tcp 10.0.0.1:443: connect: connection refused'],
    ['imageUnreachable', 'failed to do request: Head "https://r.io/v2/": dial tcp: lookup r.io on 10.0.0.2:53: no such host'],
    [
      'imageTls',
      'failed to do request: Head "https://r.io/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    ],
    ['imageTls', 'failed to do request: Head "https://r.io/v2/": http: server gave HTTP response to HTTPS client'],
    [
      'imageRateLimited',
      'unexpected status code [manifests v1]: 429 Too Many Requests - toomanyrequests: You have reached your pull rate limit',
    ],
    ['imagePlatform', 'no match for platform in manifest: not found'],
    ['imageBroken', 'wrong diff id calculated on extraction "sha256:00"'],
    ['imagePull', 'a reason that nobody knows'],
  ] as const)
    it(`is ${kind} when the node says: ${why}`, () => {
      expect(containerFault(container(waiting('ErrImagePull', pull(why))))?.kind).to.equal(kind)
    })

  it('is what an event said where the state says only that kubelet waits', () => {
    const fault = containerFault(container(waiting('ImagePullBackOff', 'Back-off pulling image "r.io/acme/denied-x509:v1"')), [
      `Failed to pull image: ${pull('403 Forbidden')}`,
      'Error: ImagePullBackOff',
    ])
    expect(fault).to.deep.equal({ kind: 'imageDenied', line: `Failed to pull image: ${pull('403 Forbidden')}` })
  })

  for (const [kind, state] of [
    ['imageName', waiting('InvalidImageName', 'couldn’t parse image name')],
    ['imageNever', waiting('ErrImageNeverPull', 'Container image is not present with pull policy of Never')],
    ['noCommand', waiting('CreateContainerError', 'failed to generate spec: no command specified')],
    ['user', waiting('CreateContainerError', 'mount callback failed on /tmp/x: no users found')],
    ['user', waiting('CreateContainerConfigError', 'container has runAsNonRoot and image has non-numeric user (root)')],
    ['program', waiting('RunContainerError', 'exec: "cp": executable file not found in $PATH')],
    ['create', waiting('RunContainerError', 'namespace path: lstat /proc/1/ns/ipc: no such file or directory')],
    ['create', waiting('CreateContainerError', 'context deadline exceeded')],
    ['waiting', waiting('PodInitializing')],
    ['waiting', { kind: 'unknown' }],
    ['running', { kind: 'running' }],
  ] as const)
    it(`is ${kind} in the state ${JSON.stringify(state)}`, () => {
      expect(containerFault(container(state as ContainerStateFact))?.kind).to.equal(kind)
    })

  for (const [kind, line] of [
    ['machine', 'exec /bin/cp: exec format error'],
    ['readOnly', "cp: can't create '/target/acme': Read-only file system"],
    ['permission', "cp: can't open '/plugins/acme': Permission denied"],
    ['nothing', "cp: can't stat '/plugins/*': No such file or directory"],
    ['nothing', "cp: omitting directory '/plugins/lib'"],
    ['busy', "cp: cannot create regular file '/target/./acme': Text file busy"],
    ['space', "cp: error writing '/target/acme': No space left on device"],
    ['exit', 'licence expired'],
  ] as const)
    it(`is ${kind} when it ended after it wrote: ${line}`, () => {
      expect(containerFault(crashed({ exitCode: 1, reason: 'Error' }, 'first', line))).to.deep.equal({ kind, line, exitCode: 1 })
    })

  it('is the exit code when it wrote nothing', () => {
    expect(containerFault(crashed({ exitCode: 3 }))).to.deep.equal({ kind: 'exit', exitCode: 3 })
  })

  for (const last of [{ exitCode: 1, reason: 'OOMKilled' }, { exitCode: 137 }])
    it(`is memory by ${JSON.stringify(last)}`, () => {
      expect(containerFault(crashed(last))?.kind).to.equal('memory')
    })

  it('is the program that could not be started', () => {
    const message = 'runc create failed: exec: "cp": executable file not found in $PATH'
    expect(containerFault(crashed({ exitCode: 128, reason: 'StartError', message }))).to.include({
      kind: 'program',
      line: `StartError: ${message}`,
    })
  })

  it('is nothing when it ended well, or stays beside the server', () => {
    expect(containerFault(container({ kind: 'ended', exitCode: 0 }))).to.equal(undefined)
    expect(containerFault(container({ kind: 'running' }, { ready: true }))).to.equal(undefined)
  })
})
