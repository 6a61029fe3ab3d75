import { printable } from '../../redact.ts'
import type { FaultKind, ServerFault } from '../../velero/server-fault.ts'
import type { VeleroCode } from './codes.ts'

interface Words {
  readonly code: VeleroCode
  /** A sentence about `FILE`, which may hold `DETAIL` and `OTHER`. */
  readonly what: string
  readonly fix: string
}

const words: Readonly<Record<FaultKind, Words>> = {
  machine: {
    code: 'VELERO_PLUGIN_MACHINE',
    what: 'FILE cannot be run on this node: it is for another machine, empty, or a script without #!',
    fix: "Build it for the node's platform.",
  },
  interpreter: {
    code: 'VELERO_PLUGIN_INTERPRETER',
    what: "FILE needs a dynamic loader or an interpreter that Velero's image does not have",
    fix: 'Build it with CGO_ENABLED=0. A script cannot be a plugin: that image has no shell.',
  },
  mode: {
    code: 'VELERO_PLUGIN_MODE',
    what: "FILE may not be run by Velero's user",
    fix: 'Build the image with chmod 755 on it: Velero runs as another user than the init container.',
  },
  panic: {
    code: 'VELERO_PLUGIN_PANIC',
    what: 'FILE dies when Velero starts it: DETAIL',
    fix: 'Correct the plugin: nothing that it does before it serves may fail.',
  },
  noHandshake: {
    code: 'VELERO_PLUGIN_NO_HANDSHAKE',
    what: 'FILE ended before it said a word to Velero: it exits or crashes at its start, is cut off, or is no Velero plugin',
    fix: 'What it writes before it ends is in the log when the server runs with --log-level=debug. Copy nothing but plugins to /target.',
  },
  prints: {
    code: 'VELERO_PLUGIN_PRINTS',
    what: 'FILE writes to standard output before it serves, and Velero takes that for its handshake: "DETAIL"',
    fix: 'Let it write nothing there: log with the logger that the framework gives.',
  },
  temporary: {
    code: 'VELERO_PLUGIN_TEMPORARY',
    what: "FILE cannot make its socket, and no plugin can: /tmp of Velero's container cannot be written (DETAIL)",
    fix: 'Mount an emptyDir at /tmp there: readOnlyRootFilesystem takes it away.',
  },
  protocol: {
    code: 'VELERO_PLUGIN_PROTOCOL',
    what: 'FILE speaks the protocol of plugins of before Velero 1.0 (DETAIL)',
    fix: "Build it with the framework of the server's version.",
  },
  hangs: {
    code: 'VELERO_PLUGIN_HANGS',
    what: 'FILE did not answer within the minute that Velero waits for it',
    fix: 'Let it connect to nothing, and wait for nothing, before it serves.',
  },
  duplicate: {
    code: 'VELERO_PLUGIN_DUPLICATE',
    what: 'FILE registers DETAIL, which OTHER has registered before it, and then Velero ends',
    fix: 'Remove one of the two from the Config, or give the plugin a name of its own.',
  },
  kind: {
    code: 'VELERO_PLUGIN_KIND',
    what: 'FILE has a kind of plugin that this server does not know (DETAIL)',
    fix: "Build it with the framework of the server's version or earlier.",
  },
  name: {
    code: 'VELERO_PLUGIN_NAME',
    what: 'FILE has a name that Velero refuses (DETAIL)',
    fix: 'Name it as in example.com/plugin: a DNS name, one slash, and a name.',
  },
  memory: {
    code: 'VELERO_PLUGIN_MEMORY',
    what: "a process of Velero's container was killed while FILE was started, most likely for want of memory",
    fix: "Raise the memory limit of Velero's container: plugins run within it. If more does not help, the plugin takes whatever it gets.",
  },
  flags: {
    code: 'VELERO_PLUGIN_FLAGS',
    what: "FILE does not know a flag of the server's, with which it is started (DETAIL)",
    fix: 'Let the framework read the flags (BindFlags).',
  },
  libraries: {
    code: 'VELERO_PLUGIN_LIBRARIES',
    what: "FILE needs libraries that Velero's image does not have, or newer ones (DETAIL)",
    fix: 'Build it with CGO_ENABLED=0.',
  },
  server: {
    code: 'VELERO_SERVER_FAILED',
    what: 'the server ended for a reason that no plugin is to blame for: DETAIL',
    fix: 'See its words.',
  },
}

/** @param file how the file is called where the log does not name it */
export const faultWords = (
  { kind, command, other, detail, lines }: ServerFault,
  file = 'a plugin',
): { readonly code: VeleroCode; readonly text: string; readonly evidence: readonly string[] } => {
  const { code, what, fix } = words[kind]
  const put: Readonly<Record<string, string>> = {
    FILE: command === undefined ? file : printable(command, 300),
    DETAIL: printable(detail ?? '', 300).replace(/\.$/, ''),
    OTHER: other === '/velero' ? 'the server itself' : printable(other ?? '', 300),
  }
  return {
    code,
    text: `${what.replace(/FILE|DETAIL|OTHER/g, word => put[word]!)}. ${fix}`,
    evidence: lines.map(line => printable(line, 1000)),
  }
}
