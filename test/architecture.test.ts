import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect } from 'chai'

/** Who may import whom, by first path segment. `cli` and `index` may import all; only a bin or a test imports them. */
const below: Readonly<Record<string, string>> = {
  digest: '',
  duration: '',
  errors: '',
  meter: '',
  outcome: 'position',
  position: '',
  redact: '',
  version: '',
  accept: 'errors outcome',
  yaml: 'errors position redact suggest',
  'yaml-source': 'errors position redact yaml',
  kubernetes: 'redact',
  facts: 'errors digest kubernetes position',
  oci: 'errors digest redact',
  containerd: 'errors digest redact kubelet oci',
  kubelet: 'errors digest kubernetes redact oci position yaml-source',
  // facts: what was seen of pods is diagnosed as it was noted
  velero: 'errors digest redact oci facts',
  // certificates are read alike in trust stores, which are policy, and in signatures
  x509: '',
  predicates: 'errors digest redact',
  // outcome: what a policy decides is a status; predicates: which types an attestation may be asked for by
  policy: 'errors digest duration redact oci outcome position predicates suggest x509 yaml-source',
  signatures: 'errors digest redact oci policy x509',
  // what was collected of signatures, judged by policies: checks of signatures, attestations and vulnerabilities share it
  trust: 'errors digest redact facts oci policy predicates signatures',
  'embedded-cluster': 'errors digest redact facts kubernetes oci outcome position suggest yaml-source',
  // oci: JSON that is read as Go reads it has one kind of error
  conversion: 'embedded-cluster oci redact',
  // bundle: a support bundle answers in the place of a cluster; conversion: the server knows how a review is answered by type alone
  world:
    'bundle conversion errors digest redact containerd embedded-cluster facts kubelet kubernetes meter oci policy position suggest version x509 yaml-source',
  collectors: 'errors digest redact facts kubelet kubernetes oci velero signatures policy embedded-cluster world',
  analyzers:
    'errors digest redact facts kubelet kubernetes oci velero signatures policy trust predicates embedded-cluster outcome position',
  reporters: 'outcome position redact',
  bundle: 'errors digest facts outcome oci redact',
  when: '',
  suggest: '',
  spec: 'errors facts outcome position redact suggest when yaml-source',
  collect: 'errors digest facts world collectors version',
  // what is said of checks, without what makes them
  checks: 'analyzers facts outcome',
  analyze: 'checks errors digest facts outcome redact analyzers policy spec trust',
  report: 'outcome reporters',
  progress: 'collect redact',
  measure: 'collect meter',
  metrics: 'measure outcome redact version',
  // policy: flags that say what is required are read by whoever judges it
  settings: 'accept duration errors facts oci policy redact reporters velero',
  'code-docs': 'checks errors facts outcome',
  explain: 'code-docs errors redact suggest',
  completion: 'code-docs reporters',
  'chosen-checks': 'checks errors facts settings spec world embedded-cluster',
  // reporters: a spec reads what a report writes
  templates: 'reporters',
  preflight:
    'accept analyze bundle chosen-checks collect embedded-cluster errors facts kubernetes meter oci outcome policy redact settings spec suggest trust read-trust world',
  'read-trust': 'errors policy settings signatures trust world',
  verify: 'analyze analyzers collect embedded-cluster errors facts oci outcome policy preflight read-trust settings trust world',
  commands:
    'bundle checks chosen-checks cli code-docs completion conversion-webhook convert errors explain facts kubernetes lint measure metrics outcome preflight values verify analyzers redact progress report reporters settings suggest templates version',
  'conversion-webhook': 'conversion world',
  convert: 'embedded-cluster errors redact world',
  lint: 'embedded-cluster errors settings world',
  values: 'embedded-cluster errors facts outcome position preflight redact settings world yaml-source',
}

/** The only areas that may reach outside the process. */
const outside = ['world', 'bundle', 'settings', 'commands']
const inert = ['node:buffer', 'node:crypto', 'node:path', 'node:stream', 'node:util', 'node:zlib']
/** The outside that needs no import. */
const globals = /\b(?:fetch\(|process\.\w|Date\.now\(|new Date\(\)|Math\.random|console\.|setTimeout\(|setInterval\()/
/** Inside a folder of kinds, siblings share this one contract and nothing else. */
const contract: Readonly<Record<string, string>> = {
  collectors: 'collectors/collector',
  analyzers: 'analyzers/analyzer',
  reporters: 'reporters/reporter',
}
/** What a kind may keep beside itself, under its own name: `analyzers/image.ts` and `analyzers/image/…`. */
const ofKind = (path: string) => path.split('/')[1]?.replace(/\.ts$/, '')

const area = (path: string) => path.split('/')[0]!.replace(/\.ts$/, '')
const read = (file: string) => readFileSync(join('src', file), 'utf8')
const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
const importsOf = (file: string) =>
  [...read(file).matchAll(/^(?:import|export)\b(\s+type\b)?[^'"]*?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm)].map(match => ({
    typeOnly: match[1] !== undefined,
    specifier: (match[2] ?? match[3])!,
  }))

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))

describe('architecture', () => {
  it('has every area in its table', () => {
    const areas = new Set(files.map(area))
    expect([...areas].filter(name => name !== 'cli' && name !== 'index' && below[name] === undefined)).to.deep.equal([])
  })

  for (const file of files) {
    const from = area(file)
    if (from === 'cli' || from === 'index') continue
    it(`${file} imports only what lies below it`, () => {
      if (!outside.includes(from)) expect(withoutComments(read(file))).to.not.match(globals)
      for (const { specifier, typeOnly } of importsOf(file)) {
        const target = normalize(join(dirname(file), specifier)).replace(/\.ts$/, '')
        if (specifier.startsWith('node:')) expect(outside.includes(from) || inert.includes(specifier) || typeOnly, specifier).to.equal(true)
        else if (!specifier.startsWith('.')) continue
        else if (area(target) === from) {
          const shared = contract[from]
          const own = shared === undefined || target === shared || ofKind(target) === ofKind(file)
          // a stage's contract belongs to all its kinds; a reporter may build on another's document
          expect(own || from === 'reporters', `${file} → ${target}`).to.equal(true)
        } else expect(below[from]?.split(' '), `${file} → ${target}`).to.include(area(target))
        if (from === 'checks' && !typeOnly) expect(target, `${file}: no analyzer`).to.match(/\/check$/)
        if (
          !['world', 'chosen-checks', 'conversion-webhook', 'convert', 'lint', 'preflight', 'read-trust', 'values', 'verify'].includes(
            from,
          ) &&
          area(target) === 'world'
        ) {
          expect(target, `${file}: interfaces only`).to.equal('world/world')
          expect(typeOnly, `${file}: types only`).to.equal(true)
        }
      }
    })
    it(`${file} makes folders by makeFolder, which comes to an end everywhere`, () => {
      expect(read(file)).to.not.match(/mkdir\([^)]*recursive/)
    })
    it(`${file} has at most 250 lines`, () => {
      expect(read(file).split('\n').length).to.be.at.most(251)
    })
  }
})
