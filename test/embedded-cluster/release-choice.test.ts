import { expect } from 'chai'
import { takenByInstaller } from '../../src/embedded-cluster/release-choice.ts'

const config = 'apiVersion: embeddedcluster.replicated.com/v1beta1\nkind: Config\n'

describe('the document that Embedded Cluster takes for its Config', () => {
  for (const [title, files, chosen] of [
    ['is the one that has both texts', [{ name: 'a.yaml', text: config }], [0, 1, 3]],
    ['is none without them', [{ name: 'a.yaml', text: config.replace('kind: Config', 'kind: "Config"') }], undefined],
    [
      'is the last one, of several files',
      [
        { name: 'a.yaml', text: config },
        { name: 'b.yml', text: config },
      ],
      [1, 1, 3],
    ],
    ['is the last one, of several documents', [{ name: 'a.yaml', text: `${config}---\n${config}--- # end\nkind: X\n` }], [0, 3, 5]],
    ['may be a ConfigMap', [{ name: 'a.yaml', text: `kind: ConfigMap\nx: |\n  ${config.replace('\n', '\n  ')}` }], [0, 1, 5]],
    ['is not one that has a text of KOTS', [{ name: 'a.yaml', text: `${config}# apiVersion: kots.io/v1beta1` }], undefined],
    ['is not one that has a text of troubleshoot', [{ name: 'a.yaml', text: `${config}# apiVersion: troubleshoot.sh/v1beta2` }], undefined],
    ['goes on in lines that begin with three dashes', [{ name: 'a.yaml', text: `${config}---x: y\n` }], [0, 1, 3]],
    ['is the first of a file whose name begins with a dot', [{ name: './a.yaml', text: `kind: X\n---\n${config}` }], [0, 1, 1]],
    ['is the first of a file with another ending', [{ name: 'a.txt', text: `kind: X\n---\n${config}` }], [0, 1, 1]],
    [
      'is the first of a file with such a line, even where both stand behind it',
      [{ name: 'a.yaml', text: `a: b\n---\n--- x\n${config}` }],
      [0, 1, 1],
    ],
    [
      'is the first of a file that begins with a comment of its own',
      [{ name: './a.yaml', text: `# of it\n---\n${config}---\nx: y\n` }],
      [0, 1, 4],
    ],
    ['is searched as one in a file that is not split', [{ name: 'a.txt', text: `${config}---\napiVersion: kots.io/v1beta1` }], undefined],
    ['is in a file of its own split whatever its name', [{ text: `kind: X\n---\n${config}` }], [0, 2, 5]],
    ['is none in no file', [], undefined],
  ] as const)
    it(title, () => {
      const found = takenByInstaller(files).at(-1)
      expect(found && [found.file, found.first, found.last]).to.deep.equal(chosen)
    })
})
