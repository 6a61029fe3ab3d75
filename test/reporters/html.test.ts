import { createHash } from 'node:crypto'
import { expect } from 'chai'
import type { Report } from '../../src/outcome.ts'
import { html } from '../../src/reporters/html.ts'
import { findingOf, fullReport, hostile, reportContext, resultOf } from '../support/reports.ts'

const page = (report: Report, context = reportContext) => html(report, context)

/** Elements with their attributes, as a browser would see them: a text cannot hold a `<` of its own. */
const tags = (text: string) =>
  [...text.replace(/<style>[\s\S]*?<\/style>/, '').matchAll(/<([a-z][a-z0-9]*)((?:\s[^<>]*)?)>/g)].map(
    ([, name, attributes]) => [name!, attributes!] as const,
  )

describe('html report', () => {
  it('allows by its policy nothing but its own style sheet', () => {
    const text = page(fullReport)
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)![1]!
    const digest = createHash('sha256').update(style).digest('base64')
    expect(text).to.contain(
      `content="default-src &#39;none&#39;; style-src &#39;sha256-${digest}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
    )
    expect(style).to.not.match(/url\(|@import|expression/)
  })

  it('loads nothing, and has no script', () => {
    for (const [name, attributes] of tags(page(fullReport))) {
      expect(name).to.not.be.oneOf(['script', 'link', 'img', 'iframe', 'object', 'embed', 'base', 'form', 'svg'])
      expect(attributes).to.not.match(/\s(?:src|on[a-z]+|style|srcset|action)=/)
    }
  })

  it('says how it ended, what was checked, and counts', () => {
    const text = page(fullReport)
    expect(text).to.contain('<h1>1 check failed</h1>').and.to.contain('<title>Velero plugins: 1 check failed</title>')
    expect(text)
      .to.contain('<code>config.yaml</code>')
      .and.to.contain('2026-11-27 10:00 UTC')
      .and.to.contain('1 passed, 2 warned (1 accepted), 1 failed, 1 not checked')
  })

  it('has a section for the Config and each plugin, and ways to every check from the table', () => {
    const text = page(fullReport)
    const ids = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    expect([...text.matchAll(/<h2 id="[^"]*">([^<]*)</g)].map(([, name]) => name)).to.deep.equal(['Config', 'a', 'b'])
    const targets = [...text.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id)
    expect(targets).to.have.length(3 + 5)
    for (const target of targets) expect(ids).to.include(target)
    expect(ids.size).to.equal([...text.matchAll(/ id="/g)].length)
  })

  it('unfolds the evidence of what is no pass, and folds that of passes', () => {
    const text = page({
      results: [
        resultOf('a', 'image', findingOf('fail', 'x', { evidence: ['seen x'] })),
        resultOf('a', 'config', findingOf('pass', 'y', { evidence: ['seen y'] })),
      ],
      notChecked: [],
    })
    expect(text).to.match(/<details open><summary>Evidence<\/summary><ul class="evidence"><li>seen x/)
    expect(text).to.match(/<details><summary>Evidence<\/summary><ul class="evidence"><li>seen y/)
  })

  it('offers no status that nothing has, and each with its number', () => {
    const text = page({ results: [resultOf('a', 'image', findingOf('fail', 'x'))], notChecked: [] })
    expect(text).to.contain('id="only-fail"><label').and.to.contain('id="only-pass" disabled>')
    expect(text).to.match(/for="only-fail">.*?Failed <b>1<\/b>/)
  })

  it('says why a run could not go on, without a table of nothing', () => {
    const text = page(
      { results: [], notChecked: [], error: { code: 'USAGE', message: 'No.', hint: 'Do.' } },
      { ...reportContext, subject: '', platforms: [] },
    )
    expect(text).to.contain('<h1>Could not be run</h1>').and.to.contain('role="alert">Error (USAGE): No. Do.').and.not.to.contain('<table')
  })

  it('escapes whatever a text holds', () => {
    const results = [
      {
        ...resultOf(
          hostile,
          hostile,
          findingOf('fail', hostile, { code: hostile, evidence: [hostile] }),
          findingOf('warn', 'x', { code: hostile }),
        ),
        uri: 'javascript:alert(1)',
      },
    ]
    const report = { results, notChecked: [{ check: hostile, plugin: hostile, why: hostile }], error: { code: hostile, message: hostile } }
    const text = page(report, {
      ...reportContext,
      subject: hostile,
      images: { [hostile]: hostile },
      platforms: [hostile],
      version: hostile,
    })
    for (const [name, attributes] of tags(text)) {
      expect(name).to.not.be.oneOf(['script', 'img', 'pre'])
      expect(attributes).to.not.match(/\son[a-z]+=/)
    }
    expect(text).to.not.contain('href="javascript:')
    expect(text).to.contain('&lt;script&gt;alert(1)&lt;/script&gt;').and.to.contain('\\u202e').and.to.not.contain('\u202e')
  })

  it('links an address of a spec where it is one of the web', () => {
    const linked = (uri: string) =>
      page({ results: [{ ...resultOf('a', 'image', findingOf('fail', 'x')), uri }], notChecked: [] }).includes(
        `<a href="${uri}" rel="noreferrer noopener">`,
      )
    expect(['https://e.example/a', 'http://e.example', 'javascript:alert(1)', 'data:text/html,x', '/relative'].map(linked)).to.deep.equal([
      true,
      true,
      false,
      false,
      false,
    ])
  })
})
