import { expect } from 'chai'
import { configFindings } from '../../src/embedded-cluster/config-findings.ts'
import { atStage } from '../../src/embedded-cluster/stage.ts'
import { configFacts, configOf } from '../support/config-facts.ts'

const codes = (stage: 'alpha' | 'beta' | 'ga', flag: string, enabledByEnvironment = false, plugins = ['{name: a, image: v/a:1}']) => {
  const text = configOf(plugins).replace('      plugins:', `${flag === '' ? '' : `      pluginsEnabled: ${flag}\n`}      plugins:`)
  return configFindings(atStage(configFacts(text), { stage, enabledByEnvironment }), 'embedded-cluster').map(
    ({ status, code }) => `${status} ${code}`,
  )
}

describe('what a stage makes of a Config:', () => {
  it('ga says nothing of it', () => {
    expect(codes('ga', '')).to.deep.equal(['pass CONFIG_OK'])
  })
  for (const flag of ['true', 'false', '[x]'])
    it(`ga warns of the switch: ${flag}`, () => {
      expect(codes('ga', flag)).to.deep.equal(['warn CONFIG_PLUGINS_SWITCH'])
    })
  it('alpha warns that plugins are ignored', () => {
    expect(codes('alpha', '')).to.deep.equal(['warn CONFIG_PLUGINS_IGNORED'])
  })
  it('alpha says nothing of plugins that the environment switches on', () => {
    expect(codes('alpha', '', true)).to.deep.equal(['pass CONFIG_OK'])
  })
  it('alpha warns of the switch of the Config too, which is that of beta', () => {
    expect(codes('alpha', 'true')).to.deep.equal(['warn CONFIG_PLUGINS_SWITCH', 'warn CONFIG_PLUGINS_IGNORED'])
  })
  it('alpha has nothing to say of a Config without plugins', () => {
    expect(codes('alpha', '', false, [])).to.deep.equal(['pass NO_PLUGINS'])
  })
  it('beta passes a Config that switches its plugins off, and says so', () => {
    expect(codes('beta', 'false')).to.deep.equal(['pass CONFIG_PLUGINS_OFF'])
  })
  it('beta says nothing of plugins that are on', () => {
    expect([codes('beta', ''), codes('beta', 'true')]).to.deep.equal([['pass CONFIG_OK'], ['pass CONFIG_OK']])
  })
  for (const flag of ['maybe', '"off"', '{}'])
    it(`beta fails a switch that is neither true nor false: ${flag}`, () => {
      expect(codes('beta', flag)).to.deep.equal(['fail CONFIG_PLUGINS_SWITCH_INVALID'])
    })
})
