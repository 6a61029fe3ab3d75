import { isBuiltin } from 'node:module'

/**
 * The command as a few files instead of hundreds, which take longer to find and to link than most runs need for their work.
 * Dependencies stay what they are: installed beside it, and loaded when they are needed. `dist/bin` is as deep as `src/world`,
 * from where the specs are found.
 */
// biome-ignore lint/style/noDefaultExport: rolldown reads it so
export default {
  input: 'dist/cli.js',
  platform: 'node',
  external: name => isBuiltin(name) || !/^[./]/.test(name),
  output: { dir: 'dist/bin', format: 'esm', cleanDir: true },
}
