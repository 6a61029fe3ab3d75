import fc from 'fast-check'
import { joined, one, type Question, spoilt } from './question.ts'

const hex = (length: number) => fc.string({ unit: one('a', '0', 'f', '9'), minLength: length, maxLength: length })
const components = joined(one('a', 'b1', '0', '.', '_', '-', '/', '__', '--', 'library', 'A', 'x'.repeat(120)), 8)
const domains = one(
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'localhost',
  'LOCALHOST',
  'reg.example.com',
  'Reg.example.com',
  'reg.example.com:443',
  'reg.example.com:',
  'reg.example.com:99999999999',
  'reg_.example.com',
  'reg.example.com.',
  'x--y',
  'xn--n3h.com',
  '10.0.0.1:5000',
  '[::1]',
  '[fe80::1]:5000',
  '[fe80::1%25eth0]',
  '[::ffff:1.2.3.4]',
  '[]',
  '::1',
  'a:b',
  '-a.com',
  'a..b',
  'ſ.com',
  'K',
)
const digests = fc.oneof(
  hex(64).map(text => `sha256:${text}`),
  hex(64).map(text => `SHA256:${text}`),
  hex(64).map(text => `sha256+b64:${text}`),
  hex(63).map(text => `sha256:${text}`),
  hex(32).map(text => `md5:${text}`),
  hex(64).map(text => `sha256:${text.toUpperCase()}`),
  hex(64).map(text => `sha256:${text}@sha256:${text}`),
)
const tags = fc.oneof(
  one('latest', 'v1.0', '_', '-a', '.a', 'A', 'a+b', '', 'a'.repeat(128), 'a'.repeat(129), 'é'),
  joined(one('a', '.', '-', '_', '9'), 6),
)

export const references: fc.Arbitrary<Question> = spoilt(
  fc
    .tuple(
      fc.option(domains, { freq: 2 }),
      fc.oneof(
        { weight: 1, arbitrary: components },
        {
          weight: 4,
          arbitrary: one(
            'acme/plugin',
            'a',
            'acme/a__b',
            'A/b',
            'a/B',
            'a'.repeat(64),
            `a/${'b'.repeat(253)}`,
            `a/${'b'.repeat(254)}`,
            'a.b/c',
            'a_b.c/d',
            'a---b/c.d_e',
          ),
        },
      ),
      fc.option(tags, { freq: 2 }),
      fc.option(digests, { freq: 1 }),
    )
    .map(
      ([domain, path, tag, digest]) =>
        `${domain === null ? '' : `${domain}/`}${path}${tag === null ? '' : `:${tag}`}${digest === null ? '' : `@${digest}`}`,
    ),
  ['\n', ' ', '\0', 'ä', '😀', 'İ', '/', ':', '@', '.', '[', ']', '%41', '\\', '\t', 'K'],
).map(reference => ({ kind: 'reference', reference }))
