import { expect } from 'chai'
import type { KeyAuthority, KeylessAuthority } from '../../src/policy/image-policy.ts'
import { parsePolicyFile, policyKindOf } from '../../src/policy/policy-file.ts'
import { document, keyless, policyOf, publicPem, refusal } from '../support/policies.ts'

const pem = publicPem()
const firstOf = (text: string) => parsePolicyFile(text, 'p.yaml').policies[0]!
const authorityOf = <T = KeyAuthority>(authority: object, spec: object = {}) => firstOf(policyOf(authority, spec)).authorities[0] as T

const yaml = `# one for all
apiVersion: policy.sigstore.dev/v1alpha1
kind: ClusterImagePolicy
metadata:
  name: acme
  labels: {any: thing}
spec:
  mode: warn
  images:
  - glob: ghcr.io/acme/**
  - glob: "*"
  authorities:
  - key:
      hashAlgorithm: SHA512
      data: |
        ${pem.trim().replaceAll('\n', '\n        ')}
    source:
    - oci: ghcr.io/acme/signatures
      tagPrefix: v1-
      signaturePullSecrets: [{name: login}]
    attestations:
    - name: bom
      predicateType: spdxjson
  - name: release
    keyless:
      url: https://fulcio.example.com
      identities:
      - issuer: https://accounts.example.com
        subjectRegExp: ^.+@acme\\.example$
      insecureIgnoreSCT: true
    signatureFormat: bundle
status:
  conditions: []
---
# nothing here
---
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: last}
spec:
  images: [{glob: "**"}]
  authorities: [{static: {action: fail, message: not from here}}]
`

describe('policy files of policy.sigstore.dev', () => {
  it('are read with every field that is evaluated', () => {
    const { policies } = parsePolicyFile(yaml, 'p.yaml')
    expect(policies.map(({ name, mode, from }) => ({ name, mode, from }))).to.deep.equal([
      { name: 'acme', mode: 'warn', from: 'p.yaml:2:1' },
      { name: 'last', mode: 'enforce', from: 'p.yaml:40:1' },
    ])
    const [key, release] = policies[0]!.authorities as readonly [KeyAuthority, KeylessAuthority]
    expect(key).to.deep.include({
      kind: 'key',
      name: 'authority-0',
      hashAlgorithm: 'sha512',
      log: { required: false },
      source: { oci: 'ghcr.io/acme/signatures', tagPrefix: 'v1-', signaturePullSecrets: ['login'] },
      attestations: [{ name: 'bom', predicateType: 'spdxjson' }],
    })
    expect(key.keys[0]!.pem.trim()).to.equal(pem.trim())
    expect(release).to.deep.include({
      kind: 'keyless',
      name: 'release',
      signatureFormat: 'bundle',
      insecureIgnoreSct: true,
      log: { required: true },
    })
    expect(release.identities[0]!.issuer).to.deep.equal({ kind: 'exact', text: 'https://accounts.example.com' })
    expect(release.identities[0]!.subject).to.include({ kind: 'pattern', text: '^.+@acme\\.example$' })
    expect(policies[1]!.authorities).to.deep.equal([{ kind: 'static', name: 'authority-0', action: 'fail', message: 'not from here' }])
  })

  it('are read as JSON, and from the lists that kubectl prints', () => {
    const one = JSON.parse(policyOf(keyless())) as object
    for (const list of [
      { apiVersion: 'v1', kind: 'List', items: [one] },
      { apiVersion: 'policy.sigstore.dev/v1beta1', kind: 'ClusterImagePolicyList', metadata: {}, items: [one] },
    ])
      expect(parsePolicyFile(JSON.stringify(list), 'p.json').policies.map(({ name }) => name)).to.deep.equal(['plugins'])
  })

  it('take null for absent, as the API server does', () => {
    expect(
      authorityOf({ ...keyless(), key: null, ctlog: null, attestations: null, source: [] }, { mode: null, policy: null, match: [] }),
    ).to.include({
      kind: 'keyless',
    })
  })

  const ref = { trustRootRef: 'own' }
  for (const [title, authority, required, from] of [
    ['a key alone needs no log entry', { key: { data: pem } }, false, undefined],
    ['a key with ctlog needs one', { key: { data: pem }, ctlog: { url: 'https://rekor.example.com' } }, true, undefined],
    ['a key with a log of a TrustRoot needs one of it', { key: { data: pem }, ctlog: ref }, true, 'own'],
    ['an identity alone needs one', keyless(), true, undefined],
    ['an identity of a TrustRoot needs none', keyless(ref), false, 'own'],
    ['an identity of a TrustRoot in a bundle needs one', { ...keyless(ref), signatureFormat: 'bundle' }, true, 'own'],
    ['a timestamp replaces it', { ...keyless(ref), signatureFormat: 'bundle', rfc3161timestamp: ref }, false, 'own'],
    ['a timestamp replaces that of ctlog', { key: { data: pem }, ctlog: ref, rfc3161timestamp: ref }, false, 'own'],
  ] as const) {
    it(`know when a log entry is required: ${title}`, () => {
      const { log } = authorityOf(authority)
      expect([log.required, log.trustRootRef?.name]).to.deep.equal([required, from])
    })
  }

  const key = { key: { data: pem } }
  const at = (fields: object) => ({ attestations: [{ name: 'a', predicateType: 'vuln', ...fields }] })
  const id = (identity: object) => ({ keyless: { identities: [identity] } })
  const mistakes: readonly [title: string, text: string, problem: string][] = [
    ['no kind', policyOf(keyless()).replace('"kind"', '"status"'), 'kind is missing'],
    ['a list of nobody', JSON.stringify({ apiVersion: 'v2', kind: 'List', items: [] }), 'this is a List of v2'],
    [
      'too many images',
      document({ images: Array.from({ length: 1001 }, () => ({ glob: '**' })), authorities: [keyless()] }),
      'more than 1000 entries',
    ],
    [
      'too many policies',
      Array.from({ length: 1001 }, () => policyOf({ static: { action: 'pass' } })).join('\n---\n'),
      'more than 1000 policies',
    ],
    ['a log whose address is cut', policyOf({ ...keyless(), ctlog: { url: 'https://' } }), 'url is not an address'],
    ['a log that is a file', policyOf({ ...keyless(), ctlog: { url: 'file:///rekor' } }), 'url is not an address'],
    ['CUE for the whole policy', policyOf(keyless(), { policy: { type: 'cue', data: 'x' } }), 'neither CUE nor Rego'],
    [
      'Rego from a ConfigMap',
      policyOf({ ...keyless(), ...at({ policy: { type: 'rego', configMapRef: { name: 'a', key: 'b' } } }) }),
      'neither CUE nor Rego',
    ],
    ['match', policyOf(keyless(), { match: [{ resource: 'pods' }] }), 'match is not evaluated'],
    ['kms', policyOf({ key: { kms: 'awskms:///alias/a' } }), 'kms is not evaluated'],
    ['secretRef', policyOf({ key: { secretRef: { name: 'a' } } }), 'secretRef is not evaluated'],
    ['ca-cert', policyOf(keyless({ 'ca-cert': { data: 'x' } })), 'ca-cert is not evaluated'],
    ['kms beside data', policyOf({ key: { data: pem, kms: 'awskms:///alias/a' } }), 'kms is not evaluated'],
    ['an unknown field of the document', policyOf(keyless()).replace('"spec"', '"spce": {}, "spec"'), 'has no key "spce"'],
    ['an unknown field of spec', policyOf(keyless(), { image: [] }), 'has no key "image"'],
    ['an unknown field of an authority', policyOf({ ...keyless(), attestation: [] }), 'has no key "attestation"'],
    ['an unknown field of an identity', policyOf(id({ issuer: 'a', subject: 'b', subjectRegexp: 'c' })), 'has no key "subjectRegexp"'],
    ['an unknown field of an image', document({ images: [{ glob: 'a', regexp: 'b' }], authorities: [keyless()] }), 'has no key "regexp"'],
    ['an unknown field of source', policyOf({ ...keyless(), source: [{ ocy: 'a' }] }), 'has no key "ocy"'],
    ['no name', policyOf(keyless()).replace('"plugins"', '""'), 'metadata.name is missing'],
    ['no spec', policyOf(keyless()).replace('"spec"', '"status"'), 'spec is missing'],
    ['no images', document({ authorities: [keyless()] }), 'images is missing'],
    ['an image without glob', document({ images: [{}], authorities: [keyless()] }), 'glob is missing'],
    ['a glob that is none', document({ images: [{ glob: '[a-z]*' }], authorities: [keyless()] }), 'is not a glob'],
    ['a glob that is a number', document({ images: [{ glob: 5 }], authorities: [keyless()] }), 'glob must be text'],
    ['no authorities', document({ images: [{ glob: '**' }] }), 'authorities is missing'],
    ['an empty list of authorities', document({ images: [{ glob: '**' }], authorities: [] }), 'authorities is missing'],
    ['a mode that is none', policyOf(keyless(), { mode: 'audit' }), 'mode "audit" is not known'],
    ['an authority of nothing', policyOf({ name: 'a' }), 'has neither key, keyless nor static'],
    ['an authority of two kinds', policyOf({ ...keyless(), ...key }), 'has key and keyless'],
    [
      'a static authority with attestations',
      policyOf({ static: { action: 'pass' }, ...at({}) }),
      'attestations makes no sense beside static',
    ],
    [
      'a static authority with a log',
      policyOf({ static: { action: 'pass' }, ctlog: { url: 'https://a' } }),
      'ctlog makes no sense beside static',
    ],
    ['a static authority without action', policyOf({ static: {} }), 'action is missing'],
    ['a static action that is none', policyOf({ static: { action: 'allow' } }), 'action "allow" is not known'],
    ['an empty key', policyOf({ key: { data: '' } }), 'data is missing in key'],
    ['a key that is none', policyOf({ key: { data: 'secret-text' } }), 'it holds no PEM block'],
    ['several keys in one', policyOf({ key: { data: pem + pem } }), 'it holds 2 keys'],
    ['a hash that is none', policyOf({ key: { data: pem, hashAlgorithm: 'md5' } }), 'hashAlgorithm "md5" is not known'],
    ['no identities', policyOf({ keyless: { url: 'https://fulcio.sigstore.dev' } }), 'identities is missing'],
    ['an identity without issuer', policyOf(id({ subject: 'a' })), 'neither issuer nor issuerRegExp'],
    ['an identity without subject', policyOf(id({ issuer: 'a' })), 'neither subject nor subjectRegExp'],
    ['an identity with both issuers', policyOf(id({ subject: 'a', issuer: 'b', issuerRegExp: 'c' })), 'this has both'],
    ['a pattern that is none', policyOf(id({ subjectRegExp: '****', issuer: 'b' })), 'is not a regular expression of Go'],
    ['insecureIgnoreSCT in quotes', policyOf(keyless({ insecureIgnoreSCT: 'true' })), 'must be true or false'],
    ['a Fulcio address that is none', policyOf(keyless({ url: 'fulcio.example.com' })), 'url is not an address'],
    ['two sources', policyOf({ ...keyless(), source: [{ oci: 'a.io/b' }, { oci: 'a.io/c' }] }), 'only one source'],
    ['a source that is a registry alone', policyOf({ ...keyless(), source: [{ oci: 'ghcr.io' }] }), 'is not a repository'],
    ['a source without registry', policyOf({ ...keyless(), source: [{ oci: 'acme/signatures' }] }), 'is not a repository'],
    ['a source with a tag', policyOf({ ...keyless(), source: [{ oci: 'ghcr.io/a/b:v1' }] }), 'is not a repository'],
    ['a source of Docker Hub without library', policyOf({ ...keyless(), source: [{ oci: 'docker.io/a' }] }), 'is not a repository'],
    ['a prefix that no tag can have', policyOf({ ...keyless(), source: [{ tagPrefix: 'a/' }] }), 'tagPrefix may hold only'],
    ['a pull secret without name', policyOf({ ...keyless(), source: [{ signaturePullSecrets: [{}] }] }), 'name is missing'],
    ['a log without anything', policyOf({ ...keyless(), ctlog: {} }), 'no log would be checked'],
    ['a timestamp without anything', policyOf({ ...keyless(), rfc3161timestamp: {} }), 'no timestamp would be checked'],
    ['an attestation without name', policyOf({ ...keyless(), ...at({ name: '' }) }), 'name is missing'],
    ['an attestation without type', policyOf({ ...keyless(), ...at({ predicateType: '' }) }), 'predicateType is missing'],
    ['a type that is misspelt', policyOf({ ...keyless(), ...at({ predicateType: 'slsaprovenence' }) }), 'neither a URI nor a short name'],
    ['a signature format that is none', policyOf({ ...keyless(), signatureFormat: 'v3' }), 'signatureFormat "v3" is not known'],
    [
      'a kind that is none',
      policyOf(keyless()).replace('ClusterImagePolicy', 'ClusterImagePolicies'),
      'kind "ClusterImagePolicies" is not known',
    ],
    ['a version that is none', policyOf(keyless()).replace('v1beta1', 'v1'), 'apiVersion "policy.sigstore.dev/v1" is not known'],
    ['another kind among policies', `${policyOf(keyless())}\n---\napiVersion: v1\nkind: Pod\n`, 'this is a Pod of v1'],
    [
      'a field given twice',
      policyOf(keyless()).replace('"mode"', '"images"').replace('"spec": {', '"spec": {"mode": "warn", "mode": "enforce",'),
      'mode',
    ],
  ]
  for (const [title, text, problem] of mistakes) {
    it(`refuse ${title} at its place`, () => {
      const { code, message } = refusal(() => parsePolicyFile(text, 'dir/p.yaml'))
      expect(message.split('\n')[0]).to.match(/^dir\/p\.yaml:\d+:\d+: /)
      expect(message).to.include(problem)
      expect(['POLICY_INVALID', 'YAML_INVALID']).to.include(code)
    })
  }

  it('point at the very place', () => {
    const lines = yaml.split('\n')
    const bad = yaml.replace('mode: warn', 'mode: wran')
    expect(refusal(() => parsePolicyFile(bad, 'p.yaml')).message).to.match(/^p\.yaml:8:9: mode "wran" is not known\n/)
    expect(lines[7]).to.equal('  mode: warn')
    expect(refusal(() => parsePolicyFile(bad, 'p.yaml')).hint).to.equal('Did you mean warn?')
  })

  it('take as many entries as are read', () => {
    expect(
      firstOf(document({ images: Array.from({ length: 1000 }, () => ({ glob: '**' })), authorities: [keyless()] })).images,
    ).to.have.length(1000)
  })

  it('say what a type may be, or what was meant', () => {
    const hintOf = (predicateType: string) => refusal(() => parsePolicyFile(policyOf({ ...keyless(), ...at({ predicateType }) }), 'p')).hint
    expect(hintOf('slsaprovenence')).to.equal('Did you mean slsaprovenance?')
    expect(hintOf('a.b.c.d.e.f.g.h')).to.include('The short names are custom, slsaprovenance')
  })

  it('never repeat what stands in place of a key', () => {
    expect(refusal(() => parsePolicyFile(policyOf({ key: { data: 'hunter2' } }), 'p')).message.split('\n')[0]).to.not.include('hunter2')
  })

  for (const [title, text] of [
    ['nothing', ''],
    ['comments alone', '# a\n'],
    ['an empty list', '{"apiVersion": "v1", "kind": "List", "items": []}'],
  ] as const)
    it(`refuse ${title}: it would hold for everything`, () => {
      expect(refusal(() => parsePolicyFile(text, 'p.yaml'))).to.include({
        code: 'POLICY_INVALID',
        message: 'p.yaml:1:1: there is no policy in it',
      })
    })
})

describe('policyKindOf', () => {
  it('tells policy.sigstore.dev and notation apart', () => {
    expect(policyKindOf(yaml, 'p')).to.equal('sigstore')
    expect(policyKindOf(document({}, { kind: 'TrustRoot', version: 'v1alpha1' }), 'p')).to.equal('sigstore')
    expect(policyKindOf('{"version": "1.0", "trustPolicies": []}', 'p')).to.equal('notation')
    expect(policyKindOf('{\n\t"version": "1.0",\n\t"trustPolicies": []\n}', 'p')).to.equal('notation')
  })

  for (const [title, text, problem, hint] of [
    ['policy.json of containers/image', '{"default": [{"type": "reject"}], "transports": {"docker": {}}}', 'not supported', '--key'],
    ['policy.json without transports', '{"default": [{"type": "insecureAcceptAnything"}]}', 'not supported', '--key'],
    ['trusted_root.json', '{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}', 'no policy', '--trusted-root'],
    ['a public key', publicPem(), 'public key in PEM', '--key'],
    ['a spec of this program', 'apiVersion: velero-plugin-preflight/v1beta1\nkind: Preflight\n', 'a spec of this program', 'SPEC'],
    ['a policy of Kyverno', 'apiVersion: kyverno.io/v1\nkind: ClusterPolicy\n', 'other admission controllers', 'ClusterImagePolicy'],
    ['another object', 'apiVersion: v1\nkind: Pod\n', 'a Pod of v1', 'ClusterImagePolicy'],
    ['an object without kind', 'apiVersion: v1\n', 'this is no policy', 'trustpolicy.json'],
    ['a setting with a default', 'default: x\n', 'this is no policy', 'trustpolicy.json'],
    ['another document', 'a: b\n', 'no policy', 'trustpolicy.json'],
    ['a list', '- a\n', 'must be a mapping', undefined],
    ['a text', 'hello\n', 'must be a mapping', undefined],
    ['nothing', '', 'no policy in it', undefined],
  ] as const) {
    it(`refuses ${title}, and says what to give instead`, () => {
      const error = refusal(() => policyKindOf(Buffer.from(text), 'given'))
      expect(error.code).to.equal('POLICY_INVALID')
      expect(error.message).to.include('given:1:1').and.include(problem)
      if (hint !== undefined) expect(error.hint).to.include(hint)
    })
  }
})
