import { isDeepStrictEqual } from 'node:util'
import { answerReview } from '../../src/conversion/review.ts'
import { reviewOf } from '../support/conversion-webhook.ts'
import { type FuzzTarget, justified, lenient, within } from './target.ts'

export const conversionTargets: readonly FuzzTarget[] = [
  {
    name: 'conversion review',
    samples: [Buffer.from(JSON.stringify(reviewOf('a', 'ä', '\u2028"\\')))],
    sound: 'Success',
    run: input => {
      const answer = answerReview(input)
      if (!answer.answered) return 'no review'
      const [asked, answered] = [lenient(input), lenient(answer.body)]
      const status = String(within(answered, 'response', 'result', 'status'))
      const objects = within(answered, 'response', 'convertedObjects') as readonly object[]
      justified(within(answered, 'response', 'uid') === within(asked, 'request', 'uid'), 'another uid')
      if (answer.failure !== undefined) {
        justified(status === 'Failed' && objects.length === 0, 'a failure that is none')
        return status
      }
      const given = (within(asked, 'request', 'objects') ?? []) as readonly object[]
      const wanted = given.map(object => ({ ...object, apiVersion: within(asked, 'request', 'desiredAPIVersion') }))
      justified(isDeepStrictEqual(objects, wanted), 'an object is another')
      return status
    },
  },
]
