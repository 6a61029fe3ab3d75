import { expect } from 'chai'
import { JsonError, type JsonObject, parseGoJson } from '../../src/oci/go-json.ts'
import {
  field,
  hasField,
  integerField,
  listField,
  objectField,
  textField,
  textListField,
  textMapField,
  valuesOf,
} from '../../src/oci/go-struct.ts'

const object = (text: string) => parseGoJson(text) as JsonObject
const asIs = (item: unknown) => item

describe('fields of a Go struct in JSON', () => {
  it('match in any case, also by the two letters that fold to ASCII', () => {
    expect(textField(object('{"MediaType": "x"}'), 'mediaType')).to.equal('x')
    expect(textField(object('{"paſſword": "x"}'), 'password')).to.equal('x')
    expect(textField(object('{"diğest": "x"}'), 'digest')).to.equal('')
  })

  it('keep their zero value for null and when absent', () => {
    expect(textField(object('{"a": null}'), 'a')).to.equal('')
    expect(integerField(object('{}'), 'a')).to.equal(0)
    expect(listField(object('{"a": null}'), 'a', asIs)).to.deep.equal([])
    expect(objectField(object('{"a": null}'), 'a')).to.equal(undefined)
    expect(textMapField(object('{}'), 'a')).to.equal(undefined)
  })

  it('are there when they are null, which is what containerd looks for', () => {
    expect(hasField(object('{"Manifests": null}'), 'manifests')).to.equal(true)
  })

  it('are refused twice, in whatever case', () => {
    expect(() => field(object('{"config": {}, "Config": {}}'), 'config')).to.throw(JsonError, 'the key "config" is there twice')
    expect(valuesOf(object('{"a": 1, "A": 2}'), 'a')).to.have.length(2)
  })

  for (const [text, read, message] of [
    ['{"a": 1}', (o: JsonObject) => textField(o, 'a'), '"a" must be a text'],
    ['{"a": "1"}', (o: JsonObject) => integerField(o, 'a'), '"a" must be an integer'],
    ['{"a": 1.0}', (o: JsonObject) => integerField(o, 'a'), '"a" must be an integer'],
    ['{"a": 1e3}', (o: JsonObject) => integerField(o, 'a'), '"a" must be an integer'],
    ['{"a": 99999999999999999999}', (o: JsonObject) => integerField(o, 'a'), '"a" must be an integer'],
    ['{"a": []}', (o: JsonObject) => objectField(o, 'a'), '"a" must be an object'],
    ['{"a": {}}', (o: JsonObject) => textListField(o, 'a'), '"a" must be a list'],
    ['{"a": ["x", 1]}', (o: JsonObject) => textListField(o, 'a'), '"a[1]" must be a text'],
    ['{"a": {"b": 1}}', (o: JsonObject) => textMapField(o, 'a'), '"a.b" must be a text'],
  ] as const) {
    it(`say ${message} of ${text}`, () => {
      expect(() => read(object(text))).to.throw(JsonError, message)
    })
  }
})
