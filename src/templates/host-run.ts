import { checkTitle, durationText, graceMs, name, readRecord, type TemplateOptions, textAnalyze, unreadable } from './template.ts'
import { configInside } from './write.ts'

/**
 * The `run` collector of a host. It starts the program in a folder of its own, in which `input` and the output folder lie
 * (troubleshoot 0.131 pkg/collect/host_run.go).
 */
export const hostRun = ({ binary, config, timeoutMs, arguments: more }: TemplateOptions) => ({
  run: {
    collectorName: name,
    command: binary,
    args: [
      'run',
      ...(config === undefined ? [] : ['--config', 'input/config.yaml']),
      '--no-bundle',
      '--quiet',
      '--format',
      'troubleshoot',
      '--timeout',
      durationText(timeoutMs),
      ...more,
    ],
    outputDir: 'out',
    ...(config === undefined ? {} : { input: { 'config.yaml': configInside(config) } }),
    // Without one, a program that hangs would keep an install of Embedded Cluster waiting.
    timeout: durationText(timeoutMs + graceMs),
  },
})

const folder = `host-collectors/run-host/${name}/out`

/** One result for each plugin and check, and one for whether the program came to its end. */
export const hostAnalyzers = ({ checks }: TemplateOptions) => [
  {
    // Of a file that is missing, because the program is or hung, jsonCompare makes a fail by itself.
    jsonCompare: {
      checkName: 'Velero plugins: the checks ran',
      fileName: `${folder}/run.json`,
      jsonPath: '{.completed}',
      value: 'true',
      outcomes: [{ fail: { when: 'false', message: '{{ .message }}' } }, { pass: { when: 'true', message: '{{ .message }}' } }],
    },
  },
  ...checks.map(check =>
    textAnalyze({
      title: checkTitle(check),
      fileName: `${folder}/checks/*/${check.kind}.txt`,
      regexGroups: readRecord(''),
      fallback: unreadable,
      // A check that was not made has no file; what was in its way has one.
      ignoreIfNoFiles: true,
      strict: false,
    }),
  ),
]
