import { expect } from 'chai'
import fc from 'fast-check'
import { sha256 } from '../../src/digest.ts'
import type { FileContent } from '../../src/oci/file-content.ts'
import { createFileProbe, type Hashed, maxTextBytes } from '../../src/oci/file-probe.ts'
import { elf } from '../support/elf-writer.ts'

const probe = (bytes: Uint8Array, { size = bytes.length || 1, keepText = false, hashed = 'all' as Hashed } = {}): FileContent => {
  let content: FileContent | undefined
  const sink = createFileProbe(bytes.length, { keepText, hashed }, found => {
    content = found
  })
  for (let at = 0; at < bytes.length; at += size) sink.write(Buffer.from(bytes.subarray(at, at + size)))
  sink.end()
  return content!
}
const modules = 'path\texample.com/x\nmod\texample.com/x\tv1.0.0\t\ndep\tgithub.com/vmware-tanzu/velero\tv1.18.1\t\n'

describe('what is kept of a file', () => {
  const kinds: Readonly<Record<string, readonly [Buffer, string]>> = {
    nothing: [Buffer.alloc(0), 'empty'],
    'an ELF file': [elf(), 'elf'],
    'four bytes of an ELF file': [Buffer.from('7f454c46', 'hex'), 'elf'],
    'a script': [Buffer.from('#!/bin/sh\n'), 'script'],
    'a Windows program': [Buffer.from('MZ\x90'), 'windows'],
    'a macOS program': [Buffer.from('cffaedfe07', 'hex'), 'macos'],
    'a fat macOS program': [Buffer.from('cafebabe00', 'hex'), 'macos'],
    'a text': [Buffer.from('hello'), 'other'],
    'one byte': [Buffer.from('#'), 'other'],
  }
  for (const [what, [bytes, kind]] of Object.entries(kinds)) {
    it(`${what} is of the kind ${kind}`, () => {
      expect(probe(bytes)).to.deep.include({ kind, sizeBytes: bytes.length, sha256: sha256(bytes) })
      expect(probe(bytes, { size: 1 })).to.deep.equal(probe(bytes))
    })
  }

  it('the first line of a script, as far as the kernel reads', () => {
    expect(probe(Buffer.from('#! /usr/bin/env -S node \nmore')).interpreterLine).to.equal(' /usr/bin/env -S node ')
    expect(probe(Buffer.from(`#!/${'x'.repeat(1000)}`)).interpreterLine).to.have.length(254)
  })

  it('the text of a small file, where it is asked for', () => {
    expect(probe(Buffer.from('root:x:0'), { keepText: true }).text).to.equal('root:x:0')
    expect(probe(Buffer.from('root:x:0'))).to.not.have.property('text')
    expect(probe(Buffer.alloc(maxTextBytes + 1), { keepText: true })).to.not.have.property('text')
  })

  it('build information, glibc and the words of go-plugin, wherever they stand', () => {
    const words = [
      'GLIBC_2.2.5',
      'GLIBC_2.34',
      'GLIBC_2.17',
      'GLIBC_PRIVATE',
      'x'.repeat(70_000),
      'These are not meant to be executed directly',
    ]
    const { elf: seen } = probe(
      elf({ modules, goVersion: 'go1.24.4', interpreter: '/lib64/ld-linux-x86-64.so.2', strings: words, sizeBytes: 200_000 }),
    )
    expect(seen).to.deep.include({ glibc: '2.34', goPlugin: true, go: { goVersion: 'go1.24.4', modules } })
  })

  it('no glibc of a program that needs no loader', () => {
    expect(probe(elf({ strings: ['GLIBC_2.34'] })).elf).to.not.have.property('glibc')
  })

  it('that UPX packed it', () => {
    expect(probe(elf({ strings: ['UPX!'] })).elf).to.include({ packed: true })
  })

  it('no build information where the magic is not aligned, and that which comes after', () => {
    const decoy = `${'\0'.repeat(3)}\xff Go buildinf:`
    const real = elf({ modules, goVersion: 'go1.26.8' })
    const bytes = Buffer.concat([elf({ strings: [] }), Buffer.from(decoy, 'latin1'), Buffer.alloc(64)])
    expect(probe(bytes).elf).to.not.have.property('go')
    const padding = Buffer.alloc((16 - (bytes.length % 16)) % 16)
    expect(probe(Buffer.concat([bytes, padding, real])).elf?.go).to.include({ goVersion: 'go1.26.8' })
  })

  it('the same whatever the chunks', () => {
    const bytes = elf({
      modules,
      interpreter: '/lib64/ld-linux-x86-64.so.2',
      strings: ['GLIBC_2.34', 'These are not meant to be executed directly'],
      sizeBytes: 80_000,
    })
    const whole = probe(bytes)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), size => {
        expect(probe(bytes, { size })).to.deep.equal(whole)
      }),
      { numRuns: 60 },
    )
  })

  it('build information of a megabyte, in small chunks', () => {
    const many = `path\tx\n${Array.from({ length: 9000 }, (_, index) => `dep\texample.com/module-${index}\tv1.0.0\th1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\n`).join('')}`
    expect(probe(elf({ modules: many, sizeBytes: 2_000_000 }), { size: 900 }).elf?.go?.modules).to.equal(many)
  })

  it('little of a file that is made of beginnings of build information', () => {
    const start = Buffer.from('\xff Go buildinf:\x08\x02'.padEnd(32, '\0'), 'latin1')
    const bytes = Buffer.concat([elf(), Buffer.alloc(8_000_000, start)])
    expect(probe(bytes, { size: 500_000 }).elf).to.not.have.property('go')
  })

  it('little of a file that is made of what is looked for', () => {
    const needles = Buffer.concat([
      elf({ interpreter: '/lib64/ld-linux-x86-64.so.2' }),
      Buffer.alloc(3_000_000, 'GLIBC_2.9 \xff Go buildinf:', 'latin1'),
    ])
    expect(probe(needles).elf).to.include({ glibc: '2.9' })
  })
})
