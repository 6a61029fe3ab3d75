import { usage } from './flag-text.ts'
import type { Flags } from './flags.ts'

export interface UpgradeSettings {
  /** `--installed`: a file, or `-` for standard input. Undefined: what the cluster holds. */
  readonly installed: string | undefined
  /** `--pull-rate`; undefined: the check's own assumption. */
  readonly pullBytesPerSecond: number | undefined
}

const bytesOf: Readonly<Record<string, number>> = {
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  kbit: 1e3 / 8,
  Mbit: 1e6 / 8,
  Gbit: 1e9 / 8,
}

/** @throws PreflightError USAGE */
export const upgradeOf = ({ config, installed, pullRate }: Flags): UpgradeSettings => {
  if (installed === '') throw usage('--installed names no file.')
  if (installed === '-' && config?.includes('-') === true) throw usage('--config - and --installed -: standard input is read once.')
  return { installed, pullBytesPerSecond: pullRate === undefined ? undefined : rateOf(pullRate) }
}

const rateOf = (text: string): number => {
  const [, number, unit = ''] = /^(\d{1,9}(?:\.\d{1,9})?) ?([A-Za-z]+)(?:\/s)?$/.exec(text) ?? []
  const rate = Number(number) * (bytesOf[unit] ?? Number.NaN)
  if (Number.isFinite(rate) && rate >= 1) return rate
  throw usage(`--pull-rate ${text}: it is a number of bytes or bits a second, such as 10MB or 80Mbit.`)
}
