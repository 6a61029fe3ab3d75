export interface MetricSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const namePattern = /^[a-z][a-z0-9_]*$/

/** Prometheus' text format 0.0.4, strictly: each family once with HELP and TYPE before its samples, all gauges, no series twice. */
export const parseExposition = (text: string): readonly MetricSample[] => {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const samples: MetricSample[] = []
  const families = new Map<string, Set<string>>()
  let help: string | undefined
  let family: string | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    const helped = /^# HELP (\S+) (\S.*)$/.exec(line)
    const typed = /^# TYPE (\S+) gauge$/.exec(line)
    if (helped !== null) help = helped[1]
    else if (typed !== null) {
      family = typed[1]!
      if (family !== help || !namePattern.test(family) || families.has(family)) throw new Error(`a family twice or without help: ${line}`)
      families.set(family, new Set())
    } else {
      const sample = sampleOf(line)
      const series = families.get(sample.name)
      if (sample.name !== family || series === undefined) throw new Error(`a sample outside of its family: ${line}`)
      const key = JSON.stringify(Object.entries(sample.labels).sort())
      if (series.has(key)) throw new Error(`a series twice: ${line}`)
      series.add(key)
      samples.push(sample)
    }
  }
  for (const [name, { size }] of families) if (size === 0) throw new Error(`no sample of ${name}`)
  return samples
}

const sampleOf = (line: string): MetricSample => {
  const [, name, inner = '', number] = /^([a-z][a-z0-9_]*)(?:\{(.*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(line) ?? []
  if (name === undefined) throw new Error(`no sample: ${line}`)
  const labels: Record<string, string> = {}
  let rest = inner
  while (rest !== '') {
    const [whole, label, value] = /^([a-z_]+)="((?:[^"\\]|\\["\\n])*)"(?:,(?=.)|$)/.exec(rest) ?? []
    if (whole === undefined || label! in labels) throw new Error(`no label: ${rest}`)
    labels[label!] = value!.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
    rest = rest.slice(whole.length)
  }
  return { name, labels, value: Number(number) }
}
