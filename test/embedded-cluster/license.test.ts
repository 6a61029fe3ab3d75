import { expect } from 'chai'
import { licenseLogin } from '../../src/embedded-cluster/license.ts'
import { PreflightError } from '../../src/errors.ts'

const id = '2cHXb1RCttzpR0xvnNWyaZCgDBP'
const license = (spec: string, apiVersion = 'kots.io/v1beta1') =>
  `apiVersion: ${apiVersion}\nkind: License\nmetadata: {name: acme}\nspec: ${spec}\n`
const read = (text: string) => licenseLogin(Buffer.from(text), 'license.yaml')

describe('licence', () => {
  for (const version of ['kots.io/v1beta1', 'kots.io/v1beta2'])
    it(`of ${version} is a login: the word LICENSE_ID and its id`, () => {
      expect(read(license(`{licenseID: ${id}, appSlug: app}`, version))).to.deep.equal({ username: 'LICENSE_ID', password: id })
    })
  it('may stand among other documents', () => {
    expect(read(`kind: ConfigMap\n---\n${license(`{licenseID: ${id}}`)}`).password).to.equal(id)
  })

  for (const [title, text, says] of [
    ['no YAML', `spec: {licenseID: ${id}\nkind: [`, 'it is no YAML'],
    ['an empty file', '', 'no document of kind License'],
    ['another kind', `kind: Config\nspec: {licenseID: ${id}}\n`, 'no document of kind License'],
    ['another API', license(`{licenseID: ${id}}`, 'v1'), 'its apiVersion is none of kots.io'],
    ['no id', license('{appSlug: app}'), 'no spec.licenseID'],
    ['an empty id', license('{licenseID: ""}'), 'no spec.licenseID'],
    ['an id that is no text', license('{licenseID: [1]}'), 'no spec.licenseID'],
    ['an id of two lines', license(`{licenseID: "${id}\\nX: y"}`), 'no spec.licenseID'],
  ] as const)
    it(`is refused with ${title}, and nothing of it told`, () => {
      const error = (() => {
        try {
          return read(text)
        } catch (thrown) {
          return thrown
        }
      })()
      expect(error).to.be.instanceOf(PreflightError)
      const { code, message, cause } = error as PreflightError
      expect([code, message.includes(says), cause]).to.deep.equal(['LICENSE_INVALID', true, undefined])
      expect(message).to.not.contain(id)
    })
})
