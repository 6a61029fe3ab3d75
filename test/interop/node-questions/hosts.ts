import fc from 'fast-check'
import { one, type Question, spoilt } from './question.ts'

const servers = spoilt(
  one(
    'https://mirror.example.com',
    'http://mirror.example.com:5000',
    'HTTP://mirror.example.com',
    'mirror.example.com:80',
    'http://mirror.example.com:80',
    'https://mirror.example.com/v2',
    'https://mirror.example.com/v2/',
    'https://mirror.example.com/a/../v2/./proj//x',
    'https://mirror.example.com/xv2',
    'https://mirror.example.com/%76%32',
    'https://user:pw@mirror.example.com/p?x=y#z',
    'https://[::1]:5000/p',
    'https://[fe80::1%25eth0]',
    'http:mirror.example.com',
    'http:/mirror.example.com',
    'http:///mirror',
    'httpmirror.example.com/p',
    'ftp://mirror.example.com',
    'https://mirror.example.com:',
    'https://m_rror.example.com:8a',
    'https://bücher.example',
    '//mirror.example.com',
    '/mirror',
    'localhost:5000',
    'https://a b',
    'https://mirror.example.com/a%2fb',
    'https://mirror.example.com/%zz',
    'https://mirror.example.com/ä',
  ),
  ['/', ':', '%', ' ', '@', '?', '#', '[', '\\u00e9', '\\t', 'é', '.'],
)
const values: Readonly<Record<string, readonly string[]>> = {
  capabilities: [
    '["pull"]',
    '["pull", "resolve"]',
    '["PULL", "Resolve"]',
    '["push"]',
    '[]',
    '["pull", "all"]',
    '"pull"',
    '["pull", 1]',
    '[["pull"]]',
    '["pull", "pull",]',
    '["referrers"]',
    '[""]',
  ],
  skip_verify: ['true', 'false', '"true"', '1', 'True'],
  override_path: ['true', 'false', '"x"', '0'],
  dial_timeout: ['"5s"', '"-1s"', '"0"', '"1.5h"', '"5"', '5', '""', '"1h1"', '".5s"', '"1d"', '"9999999999h"'],
  ca: ['"/etc/none"', '[]', '""', '3', '["", 1]', '{}', '[[]]', 'true'],
  client: ['"/etc/none"', '[]', '[[]]', '[["a"]]', '[["a","b","c"]]', '[["a","b"],"c"]', '3', '[1]', '{a="b"}'],
  header: [
    '{}',
    '{x-a = "b"}',
    '{X-A = ["b", "c"]}',
    '{x = 1}',
    '{x = [1]}',
    '{"x y" = "z"}',
    '"x"',
    '{x = []}',
    '{x = "a", X = "b"}',
    '{x = {}}',
    '{"" = "v"}',
    '[]',
  ],
  server: ['"https://other.example.com"', '""', '3', '["a"]'],
  unknown: ['1', '"x"', '{}', '2024-01-01', '2024-01-01T00:00:00Z', 'inf', '0x1F', "'''a'''"],
  host: ['"x"', '{}', '{"https://in.example.com" = {}}', '{"https://in.example.com" = {capabilities = ["pull"]}}', '{a = 1}'],
}
const names = fc.tuple(one(...Object.keys(values)), fc.nat(2)).map(([name, how]) => ({
  name,
  key: name.length % 2 === 0 ? name : name.length % 3 === 0 ? name.toUpperCase() : how === 1 ? `"${name}"` : name,
}))
const lines = fc.array(
  names.chain(({ name, key }) => one(...values[name]!).map(value => `${key} = ${value}`)),
  { maxLength: 3 },
)
const headerTable = fc
  .tuple(servers, one('header', 'header', 'Header', 'other'), one('X-A = "b"', 'x = ["a"]', 'x = 1', ''))
  .map(([server, table, line]) => `[host."${server}".${table}]\n${line}`)
const table = fc
  .tuple(servers, one('"', '"', '"', "'"), one('host', 'host', 'host', ' host ', '"host"', 'hosts'), lines)
  .map(([server, quote, host, its]) => `[${host}.${quote}${server}${quote}]\n${its.join('\n')}`)
const hostsToml = fc
  .tuple(
    fc.option(servers.map(server => `server = "${server}"`)),
    lines,
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: table },
        { weight: 2, arbitrary: headerTable },
        {
          weight: 1,
          arbitrary: one(
            '[host]',
            '[other]',
            '[host."https://x"',
            '[[host."https://x"]]',
            '# [host."https://c"]',
            'x = """\n[host."https://in-text"]\n"""',
            '[host.bare]',
            '[host.a.b]',
            '[host.""]',
            '[host."".header]',
          ),
        },
      ),
      { maxLength: 4 },
    ),
    one('\n', '\n', '\n', '\r\n', '\n\n  ', ' # comment\n'),
  )
  .map(([server, top, tables, end]) => `${[...(server === null ? [] : [server]), ...top, ...tables].join('\n').replaceAll('\n', end)}\n`)
const registries = one(
  'docker.io',
  'registry-1.docker.io',
  'index.docker.io',
  'reg.example.com',
  'reg.example.com:443',
  'reg.example.com:5000',
  'REG.example.com',
  'localhost',
  'localhost:5000',
  'localhost:80',
  'localhost:443',
  'LOCALHOST:5000',
  '127.0.0.1',
  '127.0.0.1:443',
  '127.1.2.3:5000',
  '127.0.0.1:',
  '0.0.0.0:5000',
  '[::1]',
  '[::1]:5000',
  '[::ffff:127.0.0.1]:80',
  '[0:0:0:0:0:0:0:1]:443',
)
const folderOf = (host: string): readonly string[] => [host, host.replace(/:([^:]*)$/, '_$1_'), '_default', `${host}_`, 'docker.io']

export const hosts: fc.Arbitrary<Question> = registries.chain(host =>
  fc
    .array(
      fc.tuple(
        one(...folderOf(host)),
        one('hosts.toml', 'hosts.toml', 'hosts.toml', 'ca.crt', 'a.cert', 'hosts.toml/x', 'x.crt/y', ''),
        fc.oneof({ weight: 8, arbitrary: hostsToml }, { weight: 1, arbitrary: one('', '\n', '\ufeff', '# nothing', '=') }),
      ),
      {
        maxLength: 3,
      },
    )
    .map((all): Question => {
      const files: Record<string, string> = {}
      for (const [folder, name, text] of all) {
        const path = name === '' ? folder : `${folder}/${name}`
        const meets = Object.keys(files).some(other => other === path || other.startsWith(`${path}/`) || path.startsWith(`${other}/`))
        if (!meets) files[path] = text
      }
      return { kind: 'hosts', host, files }
    }),
)
