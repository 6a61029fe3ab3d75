/** Of package.json; a test compares. */
export const version = '0.1.0'

/** Of the stand-alone binary, which has no package beside it: its commit and its Node. It is put in when that is made. */
export const build: string | undefined = undefined
