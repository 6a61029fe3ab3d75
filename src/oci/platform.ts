import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import type { DescriptorPlatform } from './descriptor.ts'

/**
 * Platforms as containerd 2.4 compares them (github.com/containerd/platforms 1.0.0-rc.5: database.go, compare.go), on nodes
 * that run Linux: `os.version` counts on Windows alone.
 */
export type Platform = DescriptorPlatform

/** `os/architecture[/variant]` of a node, normalized. @throws PreflightError USAGE */
export const parsePlatform = (text: string): Platform => {
  const parts = text.split('/')
  const usage = (what: string) =>
    new PreflightError('USAGE', `"${printable(text)}" is not a platform: ${what}.`, {
      hint: 'Write for example linux/amd64 or linux/arm64.',
    })
  if (parts.length > 3) throw usage('it has more than three parts')
  if (!parts.every(part => /^[A-Za-z0-9_.-]+$/.test(part))) throw usage('a part is empty or has characters that do not belong')
  const [first = '', second, third] = parts
  if (second !== undefined) return known(normalize({ os: first, architecture: second, variant: third ?? '' }), usage)
  if (systems.has(first.toLowerCase())) throw usage('the architecture is missing')
  return known(normalize({ os: 'linux', architecture: first }), usage)
}

/** `os/architecture[/variant]`; what is missing is `unknown`. */
export const formatPlatform = ({ os, architecture, variant }: Platform): string =>
  [os || 'unknown', architecture || 'unknown', variant].filter(part => part !== undefined && part !== '').join('/')

/** What {@link formatPlatform} wrote, back. */
export const splitPlatform = (text: string): Platform => {
  const [os = '', architecture = '', ...variant] = text.split('/')
  return { os, architecture, ...(variant.length === 0 ? {} : { variant: variant.join('/') }) }
}

/** database.go `normalizeOS` and `normalizeArch`; a missing os is that of the node. */
export const normalize = ({ os, architecture, variant, ...rest }: Platform): Platform => {
  const system = os.toLowerCase()
  const [arch, version] = normalizeArchitecture(architecture.toLowerCase(), (variant ?? '').toLowerCase())
  return {
    ...rest,
    os: system === 'macos' ? 'darwin' : system === '' ? 'linux' : system,
    architecture: arch,
    ...(version === '' ? {} : { variant: version }),
  }
}

/**
 * What a node of platform `want` can run, best first (compare.go `Only`).
 *
 * @returns a rank for a platform, 0 the best; undefined for one that it cannot run
 */
export const ranking = (want: Platform): ((platform: Platform) => number | undefined) => {
  const accepted = alternatives(normalize(want)).map(identity)
  return platform => {
    // A child that asks for features fits no node: containerd offers none when kubelet pulls.
    if ((platform.osFeatures ?? []).length > 0) return undefined
    const rank = accepted.indexOf(identity(platform))
    return rank < 0 ? undefined : rank
  }
}

/** Unambiguous, unlike `os/architecture/variant`: an index may write any text into a field. */
const identity = (platform: Platform): string => {
  const { os, architecture, variant = '' } = normalize(platform)
  return JSON.stringify([os, architecture, variant])
}

export const runsOn = (platform: Platform, want: Platform): boolean => ranking(want)(platform) !== undefined

/** BuildKit marks what is no image with `unknown` (containerd core/images/image.go `Platforms`). */
export const isUnknown = ({ os, architecture }: Platform): boolean => os === 'unknown' || architecture === 'unknown'

const normalizeArchitecture = (architecture: string, variant: string): readonly [architecture: string, variant: string] => {
  switch (architecture) {
    case 'i386':
      return ['386', '']
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return ['amd64', variant === 'v1' ? '' : variant]
    case 'aarch64':
    case 'arm64':
      if (['8', 'v8', 'v8.0'].includes(variant)) return ['arm64', '']
      return ['arm64', ['9', '9.0', 'v9.0'].includes(variant) ? 'v9' : variant]
    case 'armhf':
      return ['arm', 'v7']
    case 'armel':
      return ['arm', 'v6']
    case 'arm':
      if (variant === '' || variant === '7') return ['arm', 'v7']
      return ['arm', ['5', '6', '8'].includes(variant) ? `v${variant}` : variant]
    default:
      return [architecture, variant]
  }
}

/** compare.go `platformVector`: the platform itself and all that its processor runs besides. */
const alternatives = (platform: Platform): readonly Platform[] => {
  const { os, architecture, variant = '' } = platform
  const version = /^v?\+?[0-9]{1,3}$/.test(variant) ? Number(variant.replace('v', '')) : 0
  const lower = (arch: string, from: number, to: number) => countdown(from, to).map(n => ({ os, architecture: arch, variant: `v${n}` }))
  if (architecture === 'amd64') return [platform, ...lower('amd64', version - 1, 1), { os, architecture: '386' }]
  if (architecture === 'arm') return [platform, ...lower('arm', version - 1, 5)]
  if (architecture !== 'arm64') return [platform]
  const levels = arm64Levels(variant)
  return [...levels.map(level => ({ os, architecture, variant: level })), ...(levels.length === 0 ? [] : lower('arm', 8, 5))]
}

/** `v9.x` runs `v8.(x+5)`, up to 8.9 (compare.go `arm64variantToVersion`); a level that is not known runs nothing. */
const arm64Levels = (variant: string): readonly string[] => {
  const [, major, minor = '0'] = /^v([89])(?:\.([0-9]))?$/.exec(variant === '' ? 'v8' : variant) ?? []
  const level = Number(minor)
  const down = (name: string, from: number) => countdown(from, 0).map(n => (n === 0 ? name : `${name}.${n}`))
  if (major === '8') return down('v8', level)
  return major === '9' && level <= 7 ? [...down('v9', level), ...down('v8', Math.min(level + 5, 9))] : []
}

const countdown = (from: number, to: number): readonly number[] => Array.from({ length: Math.max(0, from - to + 1) }, (_, i) => from - i)

const systems = new Set(['linux', 'windows', 'darwin', 'macos', 'freebsd'])
const architectures = new Set(['386', 'amd64', 'arm', 'arm64', 'loong64', 'mips64le', 'ppc64le', 'riscv64', 's390x'])

/** A misspelt architecture would find no image and look like the image's fault. */
const known = (platform: Platform, usage: (what: string) => PreflightError): Platform => {
  if (platform.os !== 'linux') throw usage(`its first part is "${printable(platform.os, 40)}", and Embedded Cluster nodes run linux`)
  if (!architectures.has(platform.architecture)) throw usage(`the architecture "${printable(platform.architecture, 40)}" is not known`)
  return platform
}
