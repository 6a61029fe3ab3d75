import mocha from 'mocha'

const { Spec } = mocha.reporters

/** mocha's Spec, closed by one line that CI can read. */
export class Reporter extends Spec {
  constructor(runner, options) {
    super(runner, options)
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats
      process.stdout.write(`${passes} passed, ${failures} failed, ${pending} skipped\n`)
    })
  }
}

// mocha takes a reporter file's default export
// biome-ignore lint/style/noDefaultExport: see above
export default Reporter
