import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect } from 'chai'
import { Command } from 'commander'
import { vocabulary } from '../../src/chosen-checks.ts'
import { codeMeanings } from '../../src/code-docs.ts'
import { commands } from '../../src/commands/all.ts'
import { testIo } from '../support/io.ts'
import { type Page, pages } from './pages.ts'

/** The real command line, which does nothing. */
const parser = (): Command => {
  const program = new Command('velero-plugin-preflight').configureOutput({ writeOut: () => {}, writeErr: () => {} })
  program.option('--explain <code>').option('--version')
  for (const add of commands) add(program, testIo(), () => {})
  for (const command of program.commands) command.action(() => {}).exitOverride()
  return program.exitOverride()
}
const ours = new Set(['--help', ...[parser(), ...parser().commands].flatMap(({ options }) => options.map(({ long }) => long))])

/** Flags of other programs that stand alone somewhere, and whose they are. */
const theirs: Readonly<Record<string, string>> = {
  '--insecure-ignore-tlog': 'cosign verify',
  '--interactive': "troubleshoot's preflight; taken as it is there",
  '--json': 'npm run bench',
  '--mirror': 'cosign initialize',
  '--root': 'cosign initialize',
  '--runs': 'npm run bench',
  '--timestamp-url': 'notation sign',
  '--tlog-upload': 'cosign sign',
  '--use-signing-config': 'cosign sign',
}
const programs = /^(?:cosign|crane|kubectl|notation|oras|skopeo|docker|helm|velero|tar|npm|sudo|pgbackrest) /

/** Words in capitals that are no codes. */
const variables =
  /^(?:COSIGN_|DOCKER_|GITHUB_|HTTPS?_PROXY|INTEROP|KUBECONFIG|LICENSE_ID|NODE_|NO_PROXY|REPLICATED_|SSL_CERT|TMPDIR|TRIVY_|TS_|TUF_|UV_|CGO_|VELERO_PLUGINS_ENABLED|VELERO_PLUGIN_PREFLIGHT_|VPP_)/
const codes = new Set(codeMeanings.map(({ code }) => code))

/** As GitHub makes them of headings. */
const anchorsOf = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )

interface Link {
  readonly path: string
  readonly anchor: string | undefined
}

const linksOf = ({ path, text }: Pick<Page, 'path' | 'text'>): readonly Link[] =>
  [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter(target => !/^[a-z]+:/.test(target))
    .map(target => {
      const [file = '', anchor] = target.split('#')
      return { path: file === '' ? path : normalize(join(dirname(path), file)), anchor }
    })

describe('words of the pages', () => {
  for (const page of pages) {
    it(`${page.path} names commands that the command line takes`, async () => {
      for (const code of page.code.filter(one => one.startsWith('velero-plugin-preflight '))) {
        const argv = code.split(' ').slice(1)
        await parser()
          .parseAsync(argv, { from: 'user' })
          .catch(error => {
            // A command may be named without what it needs.
            if (!/^commander\.(?:help|missing)/.test(error.code)) throw new Error(`${code}: ${error.message}`)
          })
      }
    })

    it(`${page.path} names flags that there are`, () => {
      const flags = page.code
        .filter(code => !programs.test(code))
        .flatMap(code => [...code.matchAll(/(?:^|\s)(--[a-z][a-z-]*)/g)].map(([, flag = '']) => flag))
      expect(flags.filter(flag => !ours.has(flag) && !(flag in theirs))).to.deep.equal([])
    })

    it(`${page.path} names codes that there are`, () => {
      const words = page.code.filter(code => /^[A-Z]+(?:_[A-Z0-9]+)+$/.test(code) && !variables.test(code))
      expect(words.filter(word => !codes.has(word))).to.deep.equal([])
    })

    it(`${page.path} links to what is there`, () => {
      const dead = linksOf(page).filter(({ path, anchor }) => {
        if (!existsSync(path)) return true
        return anchor !== undefined && !anchorsOf(readFileSync(path, 'utf8')).has(anchor)
      })
      expect(dead).to.deep.equal([])
    })
  }

  it('lead from the README to every page', () => {
    const reached = new Set<string>()
    const follow = (path: string): void => {
      if (reached.has(path) || !path.endsWith('.md') || !existsSync(path)) return
      reached.add(path)
      for (const link of linksOf({ path, text: readFileSync(path, 'utf8') })) follow(link.path)
    }
    follow('README.md')
    expect(pages.map(({ path }) => path).filter(path => !reached.has(path))).to.deep.equal([])
  })

  it('have a page for every check, which the README links to', () => {
    const linked = linksOf(pages.find(({ path }) => path === 'README.md')!).map(({ path }) => path)
    for (const check of vocabulary.checks) {
      const page = `docs/checks/${check.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}.md`
      expect(linked).to.include(page)
      expect(readdirSync('docs/checks').map(name => `docs/checks/${name}`)).to.include(page)
    }
  })
})
