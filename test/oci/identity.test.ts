import { expect } from 'chai'
import { imageUser, may, superuser } from '../../src/oci/identity.ts'
import { type TarFile, tar } from '../support/tar-writer.ts'
import { unpack } from '../support/unpack.ts'

const passwd = 'root:x:0:0:root:/root:/bin/sh\n\n  nobody:x:65534:65533::/:/bin/false\nodd:x:many:some\nvelero:x:1002:1000\n'
const group = 'root:x:0:\nnogroup:x:65533:\nextra:x:77:velero,nobody\nwheel:x:10:root\n'
const files: readonly TarFile[] = [
  { name: 'etc/passwd', data: passwd },
  { name: 'etc/group', data: group },
]
const userOf = async (user: string, layer = files) => imageUser((await unpack(tar(layer))).root, user)

describe('the user of an image, as kubelet and containerd take it', () => {
  const cases: Readonly<Record<string, object>> = {
    '': { uid: 0, gid: 0, groups: [10] },
    nobody: { uid: 65534, gid: 65533, groups: [77] },
    'nobody:nogroup': { uid: 65534, gid: 65533, groups: [77] },
    'nobody:no-such-group': { uid: 65534, gid: 65533, groups: [77] },
    '65532:65532': { uid: 65532, gid: 0, groups: [] },
    '1002': { uid: 1002, gid: 1000, groups: [77] },
    odd: { uid: 0, gid: 0, groups: [] },
    '2147483647': { uid: 2147483647, gid: 0, groups: [] },
    '2147483648': { problem: 'range' },
    '-1': { problem: 'range' },
    nonroot: { problem: 'unknown' },
  }
  for (const [user, expected] of Object.entries(cases)) {
    it(`${user === '' ? 'nobody said' : user}: ${JSON.stringify(expected)}`, async () => {
      expect(await userOf(user)).to.deep.equal(expected)
    })
  }

  it('needs no file for a number, and one for a name', async () => {
    expect(await userOf('65532', [])).to.deep.equal({ uid: 65532, gid: 0, groups: [] })
    expect(await userOf('nobody', [])).to.deep.equal({ problem: 'unknown' })
  })

  it('is looked up through links', async () => {
    expect(
      await userOf('nobody', [
        { name: 'etc/passwd', link: '../usr/etc/passwd' },
        { name: 'usr/etc/passwd', data: passwd },
      ]),
    ).to.include({ uid: 65534 })
  })

  it('is not known where the file is too large to be kept', async () => {
    expect(await userOf('nobody', [{ name: 'etc/passwd', data: `${'#'.repeat(70_000)}\n${passwd}` }])).to.deep.equal({ problem: 'unread' })
  })
})

describe('what a mode allows', () => {
  const file = { mode: 0o754, uid: 10, gid: 20 }
  const who = (uid: number, gid: number, groups: readonly number[] = []) => ({ uid, gid, groups })
  const cases: readonly (readonly [string, ReturnType<typeof who>, number])[] = [
    ['the owner', who(10, 99), 7],
    ['the group', who(99, 20), 5],
    ['a further group', who(99, 99, [20]), 5],
    ['others', who(99, 99), 4],
    ['the superuser', superuser, 7],
  ]
  for (const [name, identity, bits] of cases) {
    it(`${name}: ${bits}`, () => {
      expect(([4, 2, 1] as const).reduce((sum, bit) => sum + (may(identity, file, bit, 'file') ? bit : 0), 0)).to.equal(bits)
    })
  }

  it('the superuser executes only what somebody may execute', () => {
    expect(may(superuser, { ...file, mode: 0o644 }, 1, 'file')).to.equal(false)
    expect(may(superuser, { ...file, mode: 0o000 }, 1, 'directory')).to.equal(true)
  })
})
