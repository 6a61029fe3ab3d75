// packages: chromium, poppler-utils
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { expect } from 'chai'
import { html } from '../../src/reporters/html.ts'
import { findingOf, fullReport, hostile, reportContext, resultOf } from '../support/reports.ts'
import { debian } from './peers.ts'
import { temporaryFolder } from './processes.ts'

const chromium = '/usr/bin/chromium'

interface Answer {
  readonly id?: number
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}

/** Chromium over --remote-debugging-pipe: a JSON document each, ended by a NUL, on file descriptors 3 and 4. */
const startBrowser = (folder: string) => {
  // As root there is no sandbox; what is shown is our own page.
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars', '--remote-debugging-pipe']
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
  const child = spawn(chromium, [...flags, ...quiet, `--user-data-dir=${folder}`], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable]
  const waiting = new Map<number, (answer: Answer) => void>()
  const events: Answer[] = []
  let rest = ''
  let lastId = 0
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\0')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const answer: Answer = JSON.parse(part)
      if (answer.id === undefined) events.push(answer)
      else waiting.get(answer.id)?.(answer)
    }
  })
  const send = async (method: string, params: object = {}, sessionId?: string): Promise<Readonly<Record<string, unknown>>> => {
    const id = ++lastId
    input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    const answer = await new Promise<Answer>(resolve => waiting.set(id, resolve))
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`)
    return answer.result ?? {}
  }
  const ended = new Promise(resolve => child.once('exit', resolve))
  return {
    events,
    send,
    close: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

type Browser = ReturnType<typeof startBrowser>

describe('the HTML report in Chromium', function () {
  this.timeout(120_000)
  let browser: Browser
  let session: string
  let folder: string
  before(async function () {
    debian(this, 'chromium')
    folder = temporaryFolder('chromium')
    browser = startBrowser(join(folder, 'profile'))
    const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' })
    session = String((await browser.send('Target.attachToTarget', { targetId, flatten: true })).sessionId)
    for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'DOM', 'Accessibility']) await browser.send(`${domain}.enable`, {}, session)
    await browser.send('Emulation.setDeviceMetricsOverride', { width: 1200, height: 900, deviceScaleFactor: 1, mobile: false }, session)
  })
  after(() => browser?.close())

  const open = async (text: string): Promise<void> => {
    const file = join(folder, 'report.html')
    writeFileSync(file, text)
    browser.events.length = 0
    await browser.send('Page.navigate', { url: `file://${file}` }, session)
    for (let tries = 0; !browser.events.some(({ method }) => method === 'Page.loadEventFired'); tries++) {
      if (tries > 600) throw new Error('the page was not loaded')
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
  const value = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await browser.send('Runtime.evaluate', { expression, returnByValue: true }, session)
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { value: T }).value
  }
  const shown = (selector: string) =>
    value<number>(`[...document.querySelectorAll(${JSON.stringify(selector)})].filter(one => one.getClientRects().length > 0).length`)
  const of = (...methods: readonly string[]) => browser.events.filter(({ method }) => methods.includes(method ?? ''))
  const asked = () => of('Network.requestWillBeSent').map(({ params }) => (params as { request: { url: string } }).request.url)
  const image = async (colours: 'light' | 'dark'): Promise<Buffer> => {
    await browser.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: colours }] }, session)
    const { data } = await browser.send('Page.captureScreenshot', {}, session)
    return Buffer.from(String(data), 'base64')
  }

  it('says nothing on the console and asks for nothing but itself', async () => {
    await open(html(fullReport, reportContext))
    expect(of('Runtime.consoleAPICalled', 'Runtime.exceptionThrown', 'Log.entryAdded')).to.deep.equal([])
    expect(asked()).to.deep.equal([`file://${join(folder, 'report.html')}`])
    expect(await value('getComputedStyle(document.querySelector(".card")).borderRadius')).to.equal('10px')
  })

  it('runs and loads nothing that a registry says', async () => {
    const result = { ...resultOf(hostile, hostile, findingOf('fail', hostile, { code: hostile, evidence: [hostile] })), uri: hostile }
    await open(
      html(
        { results: [result], notChecked: [{ check: hostile, why: hostile }], error: { code: 'A', message: hostile } },
        { ...reportContext, subject: hostile, images: { [hostile]: hostile } },
      ),
    )
    expect(of('Runtime.consoleAPICalled', 'Runtime.exceptionThrown', 'Log.entryAdded', 'Page.javascriptDialogOpening')).to.deep.equal([])
    expect(asked()).to.have.length(1)
    expect(await value('document.querySelectorAll("script, img, pre, body > b").length')).to.equal(0)
    expect(await value<string>('document.querySelector(".evidence li").textContent')).to.contain('<script>alert(1)</script>')
  })

  it('would load and run nothing, had somebody written it into the page', async () => {
    const text = html(fullReport, reportContext).replace(
      '</body>',
      '<script>document.title = "run"</script><img src="https://e.example/i.png"><p style="color:red">x</p></body>',
    )
    await open(text)
    expect(await value('document.title')).to.not.equal('run')
    expect(of('Network.responseReceived').map(({ params }) => (params as { response: { url: string } }).response.url)).to.not.include(
      'https://e.example/i.png',
    )
    expect(of('Log.entryAdded')).to.not.deep.equal([])
  })

  it('shows only what has the status that is chosen, with the keyboard too', async () => {
    await open(html(fullReport, reportContext))
    const counts = async () => [
      await shown('.result.fail'),
      await shown('.result.warn'),
      await shown('.result.pass'),
      await shown('.result.none'),
      await shown('.subject'),
    ]
    expect(await counts()).to.deep.equal([1, 2, 1, 1, 3])
    for (const [id, expected] of [
      ['fail', [1, 0, 0, 0, 1]],
      ['warn', [0, 2, 0, 0, 2]],
      ['pass', [0, 0, 1, 0, 1]],
      ['none', [0, 0, 0, 1, 1]],
      ['all', [1, 2, 1, 1, 3]],
    ] as const) {
      await value(`document.querySelector('label[for=only-${id}]').click()`)
      expect(await counts(), id).to.deep.equal(expected)
    }
    await value('document.querySelector("#only-all").focus()')
    for (const type of ['keyDown', 'keyUp'])
      await browser.send('Input.dispatchKeyEvent', { type, key: 'ArrowRight', code: 'ArrowRight', windowsVirtualKeyCode: 39 }, session)
    expect(await counts()).to.deep.equal([1, 0, 0, 0, 1])
  })

  it('unfolds all evidence of a plugin with its switch', async () => {
    await open(html({ results: [resultOf('a', 'image', findingOf('pass', 'x', { evidence: ['seen x'] }))], notChecked: [] }, reportContext))
    const height = () => value<number>('document.querySelector(".evidence").checkVisibility({ contentVisibilityAuto: true }) ? 1 : 0')
    expect(await height()).to.equal(0)
    await value('document.querySelector(".unfold input").click()')
    // What is unfolded is laid out in one of the next frames.
    for (let tries = 0; tries < 100 && (await height()) === 0; tries++) await new Promise(resolve => setTimeout(resolve, 20))
    expect(await height()).to.equal(1)
  })

  it('names every control and heading for who does not see it', async () => {
    await open(html(fullReport, reportContext))
    const { nodes } = (await browser.send('Accessibility.getFullAXTree', {}, session)) as {
      nodes: { role?: { value: string }; name?: { value: string }; ignored: boolean }[]
    }
    const named = (role: string) => nodes.filter(one => !one.ignored && one.role?.value === role).map(one => one.name?.value)
    expect(named('radio')).to.deep.equal(['All 5', 'Failed 1', 'Warned 2', 'Passed 1', 'Not checked 1'])
    expect(named('heading')).to.deep.equal(['1 check failed', 'Config', 'a', 'b'])
    expect(named('checkbox')).to.deep.equal(['All evidence', 'All evidence', 'All evidence'])
    expect(named('rowheader')).to.deep.equal(['Config', 'a', 'b'])
  })

  it('can be read in light and in dark: contrast of every text as WCAG 2.2 asks (1.4.3)', async () => {
    await open(html(fullReport, reportContext))
    const pictures: Buffer[] = []
    for (const colours of ['light', 'dark'] as const) {
      pictures.push(await image(colours))
      expect(await value(lowContrast), colours).to.deep.equal([])
    }
    expect(pictures[0]!.equals(pictures[1]!)).to.equal(false)
  })

  for (const width of [1200, 360])
    it(`covers no name of a check by its badge, ${width} pixels wide`, async () => {
      const results = ['pass', 'warn', 'fail'].map(status => resultOf('a', 'vulnerability', findingOf(status as 'pass', 'x')))
      await open(html({ results, notChecked: [{ check: 'vulnerability', plugin: 'a', why: 'No image.' }] }, reportContext))
      await browser.send('Emulation.setDeviceMetricsOverride', { width, height: 800, deviceScaleFactor: 1, mobile: false }, session)
      const gaps = await value<number[]>(
        '[...document.querySelectorAll(".result")].map(one => one.children[1].getBoundingClientRect().left - one.querySelector(".badge").getBoundingClientRect().right)',
      )
      expect(gaps).to.have.length(4)
      expect(Math.min(...gaps)).to.be.above(4)
    })

  it('fits a telephone: nothing but the table is wider than the window', async () => {
    await open(html(fullReport, reportContext))
    await browser.send('Emulation.setDeviceMetricsOverride', { width: 360, height: 800, deviceScaleFactor: 1, mobile: true }, session)
    expect(await value('document.documentElement.scrollWidth')).to.equal(360)
    await browser.send('Emulation.setDeviceMetricsOverride', { width: 1200, height: 900, deviceScaleFactor: 1, mobile: false }, session)
  })

  it('prints all evidence, on white', async function () {
    debian(this, 'pdftotext')
    const report = { results: [resultOf('a', 'image', findingOf('pass', 'Fine.', { evidence: ['seen folded x'] }))], notChecked: [] }
    await open(html(report, reportContext))
    await image('dark')
    const { data } = await browser.send('Page.printToPDF', { printBackground: true }, session)
    const file = join(folder, 'report.pdf')
    writeFileSync(file, Buffer.from(String(data), 'base64'))
    const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' })
    expect(text).to.contain('All checks passed').and.to.contain('seen folded x').and.to.not.contain('All evidence')
    execFileSync('pdftoppm', ['-r', '20', '-singlefile', file, join(folder, 'report')])
    // The last pixel of a P6 file is the corner of the paper.
    expect([...readFileSync(join(folder, 'report.ppm')).subarray(-3)]).to.deep.equal([255, 255, 255])
  })
})

/** In the page: texts whose colour is less than 4.5 times as light or dark as what lies behind them. */
const lowContrast = `(() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number)
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0)
  const behind = one => { for (let e = one; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] === 1) return c } return [255, 255, 255] }
  return [...document.querySelectorAll('body *')].filter(one => !one.closest('label[for]')?.previousElementSibling?.disabled && [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim() !== ''))
    .map(one => [light(rgb(getComputedStyle(one).color)), light(behind(one)), one.textContent.slice(0, 40)])
    .filter(([a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5).map(([, , text]) => text)
})()`
