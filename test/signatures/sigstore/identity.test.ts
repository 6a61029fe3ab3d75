import { expect } from 'chai'
import { PreflightError } from '../../../src/errors.ts'
import { identityOf, metBy, type WrittenIdentity } from '../../../src/signatures/sigstore/identity.ts'

const workflow = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'
const github = 'https://token.actions.githubusercontent.com'
const meets = async (written: WrittenIdentity, subjects: readonly string[] = [workflow], issuer: string | undefined = github) =>
  metBy({ subjects, issuer }, [await identityOf(written)])

describe('identityOf', () => {
  it('takes exactly what is written', async () => {
    expect(await meets({ subject: workflow, issuer: github })).to.equal(workflow)
  })

  const others: readonly [title: string, subject: string, issuer: string][] = [
    ['only the beginning', workflow.slice(0, 30), github],
    ['only the end', workflow.slice(-20), github],
    ['part of it', 'github', github],
    ['one with more behind', `${workflow}x`, github],
    ['a dot for another character', workflow.replace('github.com', 'githubxcom'), github],
    ['other capitals', workflow.toUpperCase(), github],
    ['part of the issuer', workflow, 'https://token.actions'],
    ['another issuer', workflow, 'https://accounts.google.com'],
  ]
  for (const [title, subject, issuer] of others) {
    it(`does not take ${title}`, async () => {
      expect(await meets({ subject, issuer })).to.equal(undefined)
    })
  }

  it('takes any subject, but with its issuer', async () => {
    const two = await Promise.all([
      identityOf({ subject: 'a@b.c', issuer: github }),
      identityOf({ subject: workflow, issuer: 'https://other' }),
    ])
    expect(metBy({ subjects: ['x@y.z', workflow], issuer: github }, two)).to.equal(undefined)
    expect(metBy({ subjects: ['x@y.z', 'a@b.c'], issuer: github }, two)).to.equal('a@b.c')
  })

  it('takes patterns of RE2, as Go programs write them', async () => {
    for (const subjectRegExp of [
      '^https://github\\.com/acme/.*$',
      '^https://github\\.com/(?P<org>acme|beta)/.+$',
      '(?i)^HTTPS://GITHUB\\.COM/ACME/.*$',
      '\\Ahttps://\\Qgithub.com\\E/acme/[^@]+@refs/heads/main\\z',
    ]) {
      expect(await meets({ subjectRegExp, issuerRegExp: '^https://token\\.actions\\.githubusercontent\\.com$' }), subjectRegExp).to.equal(
        workflow,
      )
    }
  })

  it('asks a pattern to fit the whole text, anchored or not', async () => {
    const evil = `https://evil.example/?${workflow}`
    for (const subjectRegExp of ['https://github\\.com/acme/', 'acme', '^https://github\\.com/acme/', '^acme|https://evil']) {
      expect(await meets({ subjectRegExp, issuer: github }, [workflow, evil]), subjectRegExp).to.equal(undefined)
    }
  })

  it('asks for both where exact text and pattern are given', async () => {
    expect(await meets({ subject: workflow, subjectRegExp: '^nothing$', issuer: github })).to.equal(undefined)
    expect(await meets({ subject: workflow, subjectRegExp: '^.*$', issuer: github })).to.equal(workflow)
  })

  it('takes a certificate without an issuer only by a pattern that lets nothing through', async () => {
    expect(metBy({ subjects: ['a@b.c'], issuer: undefined }, [await identityOf({ subject: 'a@b.c', issuerRegExp: '^.*$' })])).to.equal(
      'a@b.c',
    )
    expect(metBy({ subjects: ['a@b.c'], issuer: undefined }, [await identityOf({ subject: 'a@b.c', issuerRegExp: '^.+$' })])).to.equal(
      undefined,
    )
  })

  it('is quick on patterns that ruin others', async () => {
    expect(await meets({ subjectRegExp: '^(a+)+$', issuer: github }, [`${'a'.repeat(5000)}b`])).to.equal(undefined)
  })

  describe('warns of', () => {
    const warned: readonly [pattern: string, ...warnings: readonly RegExp[]][] = [
      ['^https://github\\.com/acme/.*$'],
      ['^[a.]+@example\\.com$'],
      ['^a.{3}b$'],
      ['\\Ax\\z'],
      ['https://github\\.com/acme/.*', /\^ or \$ is missing/],
      ['^https://github\\.com/acme/', /\^ or \$ is missing/],
      ['^a\\$', /\^ or \$ is missing/],
      ['^.*@example.com$', /a dot stands for any character/],
      ['github.com', /\^ or \$ is missing/, /a dot stands for any character/],
    ]
    for (const [pattern, ...warnings] of warned) {
      it(`${warnings.length === 0 ? 'nothing' : warnings.map(({ source }) => source).join(' and ')} in ${pattern}`, async () => {
        const found = await identityOf({ subjectRegExp: pattern, issuer: github })
        expect(found.warnings).to.have.length(warnings.length)
        for (const [i, warning] of warnings.entries()) expect(found.warnings[i]).to.match(warning)
      })
    }
  })

  const refused: readonly [title: string, written: WrittenIdentity, problem: RegExp][] = [
    ['no subject', { issuer: github }, /no subject is named/],
    ['no issuer', { subject: 'a@b.c' }, /no issuer is named/],
    ['nothing', {}, /no subject is named/],
    ['an empty subject', { subject: '', issuer: github }, /the subject is empty/],
    ['an empty pattern', { subject: 'a@b.c', issuerRegExp: '' }, /the issuer is empty/],
    ['an empty text beside a pattern', { subject: '', subjectRegExp: '^.*$', issuer: github }, /the subject is empty/],
    ['what only JavaScript knows', { subjectRegExp: '^(?=a)$', issuer: github }, /no regular expression of RE2/],
    ['an open bracket', { subjectRegExp: '[', issuer: github }, /no regular expression of RE2/],
    ['more repetitions than RE2 allows', { subjectRegExp: 'a{2000}', issuer: github }, /no regular expression of RE2/],
    ['an endless pattern', { subjectRegExp: 'a'.repeat(5000), issuer: github }, /longer than 4096/],
  ]
  for (const [title, written, problem] of refused) {
    it(`refuses ${title}`, async () => {
      const error = await identityOf(written).catch((thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(PreflightError).with.property('code', 'IDENTITY_INVALID')
      expect(error).to.have.property('message').that.matches(problem)
    })
  }
})
