import { expect } from 'chai'
import { goQuote, goSyntax } from '../../../src/embedded-cluster/lint/go-text.ts'
import { parseYaml } from '../../../src/yaml-source.ts'

describe("goQuote writes a text as Go's %q", () => {
  for (const [text, quoted] of [
    ['', '""'],
    ['a b', '"a b"'],
    ['a"b\\', '"a\\"b\\\\"'],
    ['\u0007\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
    ['\u0000\u001f\u007f', '"\\x00\\x1f\\x7f"'],
    ['é ä 😀', '"é ä 😀"'],
    ['\u0085\u00a0\u00ad\u200b\u2028\ufeff', '"\\u0085\\u00a0\\u00ad\\u200b\\u2028\\ufeff"'],
    ['\u{e0001}', '"\\U000e0001"'],
    ['e\u0301', '"e\u0301"'],
  ] as const) {
    it(JSON.stringify(text), () => {
      expect(goQuote(text)).to.equal(quoted)
    })
  }
})

describe("goSyntax writes a node as Go's %#v", () => {
  for (const [yaml, syntax] of [
    ['{b: 1, a: x}', 'map[interface {}]interface {}{"a":"x", "b":1}'],
    ['[true, null, 1.5, "q\\"", {}]', '[]interface {}{true, interface {}(nil), 1.5, "q\\"", map[interface {}]interface {}{}}'],
  ] as const) {
    it(yaml, () => {
      expect(goSyntax(parseYaml(yaml, 'f')[0]!.root!)).to.equal(syntax)
    })
  }
})
