import { expect } from 'chai'
import fc from 'fast-check'
import { elfHeadBytes, parseElf } from '../../src/oci/elf.ts'
import { elf } from '../support/elf-writer.ts'

const changed = (change: (bytes: Buffer) => void, from = elf()): Buffer => {
  const bytes = Buffer.from(from)
  change(bytes)
  return bytes
}
const loader = '/lib64/ld-linux-x86-64.so.2'

describe('ELF headers', () => {
  it('of a static program', () => {
    expect(parseElf(elf())).to.deep.equal({
      bits: 64,
      littleEndian: true,
      type: 'exec',
      machine: 'amd64',
      dynamic: false,
      neededBytes: elf().length,
      dataOffset: 192,
    })
  })

  it('of a program with a dynamic loader', () => {
    expect(parseElf(elf({ interpreter: loader }))).to.include({ dynamic: true, interpreter: loader })
  })

  const machines: readonly (readonly [number, 1 | 2, 1 | 2, string])[] = [
    [62, 2, 1, 'amd64'],
    [183, 2, 1, 'arm64'],
    [22, 2, 2, 's390x'],
    [21, 2, 1, 'ppc64le'],
    [21, 2, 2, 'ppc64'],
    [243, 2, 1, 'riscv64'],
    [258, 2, 1, 'loong64'],
    [8, 2, 1, 'mips64le'],
    [8, 1, 2, 'mips'],
    [40, 1, 1, 'arm'],
    [3, 1, 1, '386'],
    [4242, 2, 1, 'machine 4242'],
  ]
  for (const [number, bits, order, name] of machines) {
    it(`machine ${number} of ${32 * bits} bits, ${order === 1 ? 'little' : 'big'}-endian: ${name}`, () => {
      const bytes = changed(header => {
        header[4] = bits
        header[5] = order
        if (order === 1) header.writeUInt16LE(number, 18)
        else header.writeUInt16BE(number, 18)
      })
      expect(parseElf(bytes).machine).to.equal(name)
    })
  }

  it('of 32 bits have their program headers elsewhere', () => {
    const bytes = Buffer.alloc(200)
    Buffer.from('7f454c46010101', 'hex').copy(bytes)
    bytes.writeUInt16LE(2, 16)
    bytes.writeUInt16LE(40, 18)
    bytes.writeUInt32LE(52, 28)
    bytes.writeUInt16LE(32, 42)
    bytes.writeUInt16LE(2, 44)
    bytes.writeUInt32LE(3, 52)
    bytes.writeUInt32LE(150, 56)
    bytes.writeUInt32LE(10, 68)
    bytes.write('/lib/ld.so\0', 150)
    bytes.writeUInt32LE(1, 84)
    bytes.writeUInt32LE(200, 100)
    expect(parseElf(bytes)).to.deep.include({ bits: 32, machine: 'arm', interpreter: '/lib/ld.so', neededBytes: 200 })
  })

  const faults: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
    'a header that is cut off': [elf().subarray(0, 60), /cut off/],
    'an unknown class': [changed(bytes => void bytes.writeUInt8(3, 4)), /class/],
    'an object file': [changed(bytes => void bytes.writeUInt16LE(1, 16)), /no executable/],
    'no program headers': [changed(bytes => void bytes.writeUInt16LE(0, 56)), /program headers/],
    'program headers of another size': [changed(bytes => void bytes.writeUInt16LE(57, 54)), /program headers/],
    'nothing to load': [changed(bytes => [64, 120].forEach(at => void bytes.writeUInt32LE(6, at))), /no segment/],
  }
  for (const [what, [bytes, words]] of Object.entries(faults)) {
    it(`say that no kernel runs ${what}`, () => {
      expect(parseElf(bytes).fault).to.match(words)
    })
  }

  it('tell how long the file must be', () => {
    expect(parseElf(elf({ sizeBytes: 50_000 }).subarray(0, 1000)).neededBytes).to.be.within(49_900, 50_000)
  })

  it('that stand too far into the file make it dynamic with an unknown loader', () => {
    const bytes = changed(header => void header.writeBigUInt64LE(BigInt(elfHeadBytes), 32))
    expect(parseElf(bytes)).to.include({ dynamic: true, interpreter: '' })
  })

  it('do the same with a loader whose path does', () => {
    const bytes = changed(header => void header.writeBigUInt64LE(1n << 40n, 64 + 8), elf({ interpreter: loader }))
    expect(parseElf(bytes)).to.include({ interpreter: '' })
  })

  it('never throw, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(1, 2), fc.constantFrom(1, 2), (noise, bits, order) => {
        const bytes = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, bits, order]), noise])
        expect(parseElf(bytes).machine).to.be.a('string')
      }),
      { numRuns: 500 },
    )
  })
})
