import { expect } from 'chai'
import { nearMiss } from '../../src/kubelet/near-miss.ts'

const image = 'registry.example.com/acme/plugin'
const hub = 'docker.io/acme/plugin'

describe('an entry that looks meant for the image', () => {
  for (const [entry, name, why] of [
    ['registry.example.com:443', image, 'it has port 443, the image no port; kubelet compares ports as text, also 443'],
    ['registry.example.com', 'registry.example.com:5000/acme/plugin', 'it has no port, the image port 5000'],
    ['Registry.Example.com', image, 'kubelet compares upper and lower case'],
    ['*.com', image, 'each "*" stands for one part of a host name'],
    ['*.registry.example.com', image, 'not for several and not for none'],
    ['*', 'localhost:5000/plugin', 'it has no port, the image port 5000'],
    ['example.com', image, 'it does not cover hosts below it; for one level write *. in front'],
    ['registry.example.com/other', image, 'it covers only what starts with registry.example.com/other'],
    ['https://registry.example.com/acme/plugin/', image, 'it covers only what starts with registry.example.com/acme/plugin/'],
    ['ftp://registry.example.com', image, 'kubelet knows no scheme but https:// and http:// there, in lower case, not ftp://'],
    ['HTTPS://registry.example.com', image, 'not HTTPS://'],
    [' registry.example.com', image, 'it has white space at its start or end'],
    ['registry.example.com:port', image, 'kubelet cannot read it as a host'],
    ['auths', image, 'the wrapper "auths" belongs into a .dockerconfigjson'],
    ['https://index.docker.io/v1', hub, 'with the slash at the end'],
    ['registry-1.docker.io', hub, 'kubelet wants https://index.docker.io/v1/'],
    ['hub.docker.com', hub, 'kubelet wants https://index.docker.io/v1/'],
    ['https://index.docker.io/v1/', hub, 'only when no other entry fits'],
    ['docker.io/other', hub, 'it covers only what starts with docker.io/other'],
    ['quay.io', image, undefined],
    ['quay.io', hub, undefined],
    [' quay.io', image, undefined],
    ['ftp://quay.io', image, undefined],
  ] as const) {
    it(`${JSON.stringify(entry)} for ${name}: ${why ?? 'does not'}`, () => {
      if (why === undefined) expect(nearMiss(entry, name)).to.equal(undefined)
      else expect(nearMiss(entry, name)).to.contain(why)
    })
  }
})
