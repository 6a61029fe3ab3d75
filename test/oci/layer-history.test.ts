import { expect } from 'chai'
import { lowestPluginsLayer } from '../../src/oci/layer-history.ts'

const step = (createdBy: string, more: { readonly comment?: string; readonly emptyLayer?: boolean } = {}) => ({
  createdBy,
  comment: '',
  emptyLayer: false,
  ...more,
})

describe('lowestPluginsLayer', () => {
  for (const [what, history, count, expected] of [
    ['is the layer whose step copies there', [step('ADD rootfs'), step('COPY /x /plugins/ # buildkit')], 2, 1],
    ['is the lowest of several', [step('RUN mkdir /plugins'), step('COPY /x /plugins/')], 2, 0],
    ['passes over steps without a layer', [step('ENV a', { emptyLayer: true }), step('ADD b'), step('COPY c /plugins')], 2, 1],
    ['reads comments too', [step('', { comment: 'copied to /plugins' })], 1, 0],
    ['is none where no step names it', [step('ADD rootfs')], 1, undefined],
    ['is none where another folder begins so', [step('COPY x /pluginsets')], 1, undefined],
    ['is none where there are more steps than layers', [step('COPY x /plugins'), step('RUN a')], 1, undefined],
    ['is none without a history', [], 1, undefined],
  ] as const) {
    it(what, () => expect(lowestPluginsLayer(history, count)).to.equal(expected))
  }
})
