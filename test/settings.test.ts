import { expect } from 'chai'
import { PreflightError } from '../src/errors.ts'
import { type Flags, resolveSettings } from '../src/settings.ts'
import { veleroOf } from '../src/velero/ec-versions.ts'

const now = new Date('2026-11-23T12:00:00Z')
const vocabulary = { checks: ['config', 'image', 'pullSecret', 'binaries', 'signature'] as const, codes: new Set(['SIGNATURE_NONE']) }
const resolve = (flags: Flags = {}, env: Readonly<Record<string, string>> = {}) => resolveSettings(flags, [], env, now, vocabulary)

describe('settings', () => {
  it('has the documented defaults', () => {
    expect(resolve()).to.include({ namespace: 'velero', format: 'human', timeoutMs: 300_000, bundle: true })
    expect(resolve().trust).to.deep.include({ keys: [], policies: [], requireSignatures: false, refresh: undefined, data: undefined })
    expect(resolve().platforms).to.equal(undefined)
    expect(resolve().secrets).to.equal(undefined)
  })

  it('takes checks as a list or repeated, in the order of the stages', () => {
    expect(resolve({ checks: ['signature,image', 'config'] }).checks).to.deep.equal(['config', 'image', 'signature'])
  })

  for (const namespace of ['', 'a b', 'Velero', '-a', 'a'.repeat(64)]) {
    it(`refuses the namespace ${JSON.stringify(namespace)}`, () => {
      expect(() => resolve({ namespace })).to.throw(PreflightError, `--namespace ${namespace}: `)
    })
  }

  it('proves only when asked', () => {
    expect([resolve().prove, resolve({ prove: true }).prove]).to.deep.equal([false, true])
  })

  it('normalizes platforms and takes each once', () => {
    expect(resolve({ platform: ['linux/x86_64', 'linux/amd64,linux/aarch64'] }).platforms).to.deep.equal(['linux/amd64', 'linux/arm64'])
  })

  it('reads the proxy as Go does: upper case first, empty is unset', () => {
    const { proxy } = resolve(
      {},
      { HTTP_PROXY: '', http_proxy: 'http://low:1', HTTPS_PROXY: 'http://up:2', https_proxy: 'http://low:2' },
    ).network
    expect(proxy).to.deep.equal({ httpProxy: 'http://low:1', httpsProxy: 'http://up:2', noProxy: '' })
  })

  it('takes the Velero version from the Embedded Cluster version, and a given one before that', () => {
    expect(resolve({ ecVersion: '2.19.4+k8s-1.36' }).veleroVersion).to.equal('1.18.2')
    expect(resolve({ ecVersion: '2.19.4+k8s-1.36', veleroVersion: 'v1.17.0' }).veleroVersion).to.equal('1.17.0')
  })

  it('takes an image of a folder or archive for a plugin, and a path may hold "="', () => {
    const { images } = resolve({ image: ['a=oci:dist:v1', 'b=docker-archive:b.tar', 'c=oci:x=y'] })
    expect([...images].map(([name, { transport, path }]) => [name, transport, path])).to.deep.equal([
      ['a', 'oci', 'dist'],
      ['b', 'docker-archive', 'b.tar'],
      ['c', 'oci', 'x=y'],
    ])
  })

  for (const [flags, words] of [
    [{ image: ['oci:dist'] }, '--image oci:dist: it names no plugin'],
    [{ image: ['=oci:dist'] }, '--image =oci:dist: it names no plugin'],
    [{ image: ['a=registry.example.com/a:v1'] }, 'it names no plugin with a folder or archive'],
    [{ image: ['a=oci:'] }, '--image a: "oci:" names no folder or archive: the path is missing'],
    [{ image: ['a=oci:x', 'a=oci:y'] }, '--image a: the plugin is named twice'],
    [{ checks: ['imgae'] }, '--checks imgae: it is one of config, image, pullSecret, binaries, signature'],
    [{ checks: [','] }, '--checks names no check'],
    [{ platform: ['amd64/linux/x/y'] }, '"amd64/linux/x/y" is not a platform'],
    [{ platform: [' '] }, '--platform names no platform'],
    [{ format: 'xml' }, '--format xml: it is one of human, json, yaml'],
    [{ schema: 'both' }, '--schema both: it is one of auto, embedded-cluster, proposal'],
    [{ timeout: 'soon' }, '--timeout soon: it is a duration'],
    [{ timeout: '0' }, '--timeout 0: it is a duration'],
    [{ at: 'yesterday' }, '--at yesterday: it is a time'],
    [{ veleroVersion: 'latest' }, '--velero-version latest: it is a version'],
    [{ ecVersion: 'latest' }, '--ec-version latest: it is a version'],
    [{ accept: ['NO_CODE'] }, '--accept NO_CODE: no check gives the code NO_CODE'],
    [{ plainHttp: ['*'] }, '--plain-http *: it takes one host'],
    [{ insecureSkipTlsVerify: ['*.example.com'] }, '--insecure-skip-tls-verify *.example.com: it takes one host'],
    [{ insecureSkipTlsVerify: ['https://r.example.com'] }, '--insecure-skip-tls-verify https://r.example.com: it takes one host'],
    [{ allowRealm: ['r.example.com/token'] }, '--allow-realm r.example.com/token: it takes one host'],
  ] as const) {
    it(`refuses ${JSON.stringify(flags)}`, () => {
      expect(() => resolve(flags))
        .to.throw(PreflightError, words)
        .with.property('code', 'USAGE')
    })
  }
})

describe('the cache folder', () => {
  for (const [what, flags, env, expected] of [
    ["is in the user's cache folder", {}, { HOME: '/home/u' }, { folder: '/home/u/.cache/velero-plugin-preflight', required: false }],
    ['follows XDG_CACHE_HOME', {}, { HOME: '/home/u', XDG_CACHE_HOME: '/c' }, { folder: '/c/velero-plugin-preflight', required: false }],
    [
      'takes no relative XDG_CACHE_HOME',
      {},
      { HOME: '/u', XDG_CACHE_HOME: 'c' },
      { folder: '/u/.cache/velero-plugin-preflight', required: false },
    ],
    ['is none without a home', {}, { HOME: '' }, undefined],
    ['is the one that was named', { cacheDir: 'here' }, { HOME: '/home/u' }, { folder: 'here', required: true }],
    ['is none with --no-cache', { cache: false, cacheDir: 'here' }, { HOME: '/home/u' }, undefined],
  ] as const) {
    it(what, () => expect(resolve(flags, env).cache).to.deep.equal(expected))
  }

  it('is not an empty name', () => {
    expect(() => resolve({ cacheDir: '' })).to.throw(PreflightError, '--cache-dir names no folder')
  })
})

describe('COSIGN_REPOSITORY', () => {
  const repository = (text?: string) => resolve({}, text === undefined ? {} : { COSIGN_REPOSITORY: text }).signatureRepository

  it('is a repository with its registry, or none', () => {
    expect(repository('registry.example.com:5000/signatures')).to.equal('registry.example.com:5000/signatures')
    for (const none of [undefined, '']) expect(repository(none)).to.equal(undefined)
  })

  for (const text of [
    'r.io/signatures:v1',
    `r.io/signatures@sha256:${'0'.repeat(64)}`,
    'https://r.io/signatures',
    'R.io/Upper',
    'r.io/x/',
    'oci:folder',
  ])
    it(`is not ${text}`, () => {
      expect(() => repository(text))
        .to.throw(PreflightError, 'COSIGN_REPOSITORY')
        .with.property('code', 'USAGE')
    })
})

describe('veleroOf', () => {
  for (const [ec, velero] of [
    ['2.13.0', '1.17.1'],
    ['v2.15.9', '1.17.1'],
    ['2.16.0+k8s-1.33', '1.18.0'],
    ['2.19.1', '1.18.0'],
    ['2.19.2', '1.18.2'],
    ['2.20.0', '1.18.2'],
  ] as const) {
    it(`gives ${velero} for Embedded Cluster ${ec}`, () => expect(veleroOf(ec)).to.equal(velero))
  }

  it('refuses a version before custom plugins', () => {
    expect(() => veleroOf('2.12.9')).to.throw(PreflightError, 'since 2.13.0')
  })

  it('knows no Velero of Embedded Cluster 3, where the vendor ships the chart', () => {
    expect(() => veleroOf('3.0.0')).to.throw(PreflightError, 'only Embedded Cluster 2')
  })
})
