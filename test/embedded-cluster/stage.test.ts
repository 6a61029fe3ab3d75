import { expect } from 'chai'
import { atStage } from '../../src/embedded-cluster/stage.ts'
import { configFacts, configOf } from '../support/config-facts.ts'

const text = (flag = '') =>
  configOf(['{name: a, image: v/a:1}']).replace('      plugins:', `${flag === '' ? '' : `      pluginsEnabled: ${flag}\n`}      plugins:`)

describe('atStage', () => {
  for (const [stage, enabledByEnvironment, flag, plugins] of [
    ['alpha', false, '', 0],
    ['alpha', false, 'true', 0],
    ['alpha', true, '', 1],
    ['alpha', true, 'false', 1],
    ['beta', false, '', 1],
    ['beta', false, 'true', 1],
    ['beta', false, 'false', 0],
    ['beta', true, 'false', 0],
    ['beta', false, 'maybe', 1],
    ['ga', false, '', 1],
    ['ga', false, 'false', 1],
  ] as const) {
    const environment = enabledByEnvironment ? ' with VELERO_PLUGINS_ENABLED=true' : ''
    it(`${stage}${environment}${flag === '' ? '' : `, pluginsEnabled: ${flag}`}: ${plugins === 0 ? 'no plugins' : 'the plugins'}`, () => {
      expect(atStage(configFacts(text(flag)), { stage, enabledByEnvironment })[0]?.plugins).to.have.length(plugins)
    })
  }
  it('notes the stage and how many plugins are left out, but not where it is that of Embedded Cluster', () => {
    const gate = (stage: 'alpha' | 'beta' | 'ga') => atStage(configFacts(text()), { stage, enabledByEnvironment: false })[0]?.gate
    expect([gate('alpha'), gate('beta'), gate('ga')]).to.deep.equal([{ stage: 'alpha', off: 1 }, { stage: 'beta' }, undefined])
  })
})
