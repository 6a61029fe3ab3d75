import type { CodeDoc, Finding } from '../../outcome.ts'

const pass = (meaning: string) => ({ status: 'pass', meaning }) as const
const warn = (meaning: string, remedy: string) => ({ status: 'warn', meaning, remedy }) as const
const fail = (meaning: string, remedy: string) => ({ status: 'fail', meaning, remedy }) as const

export type VeleroCode = keyof typeof veleroCodes

export const veleroCodes = {
  VELERO_RUNS: pass('The server runs and has done with starting plugins; says its version and what it has registered.'),
  VELERO_PLUGIN_LOADED: pass('The running server has registered the plugin, as its log or a ServerStatusRequest shows.'),
  VELERO_DOWN: warn('Velero does not run, because of a plugin of the Config.', 'See the fail of that plugin.'),
  VELERO_PLUGIN_WAITS: warn(
    'Velero does not run for a reason that is not this plugin, so that it is not loaded; says how far it came.',
    'See the fail that is named, and run again when Velero runs.',
  ),
  VELERO_RESTARTED: warn('The server runs, and has ended before; says how.', 'See its log of before, and its memory limit.'),
  VELERO_EVENTS_UNREAD: warn(
    'Events could not be read, by which pulls that fail are told from each other.',
    'Give your login the role that the finding prints, or collect events into the bundle.',
  ),
  VELERO_SECRET_MISSING: warn(
    'A node could not get a pull secret that the pod names. Images that it has already start all the same, on another node they do not.',
    'Create the secret, or take it out of the pod.',
  ),
  VELERO_OTHER_IMAGE: warn(
    'The init container of the plugin runs another image than the Config names.',
    'Install or upgrade again, so that Velero gets the declared image.',
  ),
  VELERO_UNREAD: fail(
    'What says how Velero is could not be read; names the call, with the role that would do.',
    'Give your login the role, or collect what the message names into the bundle.',
  ),
  VELERO_ABSENT: fail('There is no Deployment velero in the namespace.', 'Install Velero, or give its namespace with -n.'),
  VELERO_NO_POD: fail(
    'The Deployment has no pod; says why where the cluster does.',
    'See the message: quota, admission, service account, replicas.',
  ),
  VELERO_UNSCHEDULED: fail('The scheduler finds no node for the pod.', 'See the message: taints, node selector, resources.'),
  VELERO_STARTING: fail('The server, or what comes before it, has not come to an end yet.', 'Run again in a minute.'),
  VELERO_SERVER_FAILED: fail(
    "The server's own container does not start, or the server ended for a reason that no plugin is to blame for.",
    'See the line that is quoted.',
  ),
  VELERO_SERVER_ENDED: fail('The server ended, and no log says why.', 'Read its log of before: kubectl logs --previous.'),
  VELERO_UNDECLARED: fail(
    'A plugin that the Config does not declare keeps Velero from running; says which, and why.',
    'Correct or remove the init container that is named.',
  ),
  VELERO_STATUS_FAILED: fail(
    'The ServerStatusRequest of --server-status could not be created, was not answered, or not removed again.',
    'See the message; without the flag the log is read alone.',
  ),
  VELERO_PLUGIN_UNKNOWN: fail(
    'Whether the plugin is loaded is not known; says what is missing.',
    'See the message; --server-status asks the server itself.',
  ),
  VELERO_PLUGIN_ABSENT: fail(
    'The Deployment has no init container for the plugin.',
    'Install or upgrade with this Config; an override of initContainers replaces all of them.',
  ),
  VELERO_PLUGIN_NOT_REGISTERED: fail(
    'The server runs without the plugin: nothing that its image copies was registered.',
    'See what the image copies to /target, and whether a later init container overwrites it.',
  ),
  VELERO_IMAGE_NOT_FOUND: fail('The registry has no such image.', 'Push it, or correct the reference.'),
  VELERO_IMAGE_DENIED: fail(
    'The registry wants a login that the node does not have, or rejects it.',
    'Give the pod a pull secret with a login that may pull it.',
  ),
  VELERO_IMAGE_UNREACHABLE: fail('The node does not reach the registry.', 'See DNS, proxy and firewall of the node.'),
  VELERO_IMAGE_TLS: fail("The node does not trust the registry's certificate.", 'Give the node the authority; see nodes.md.'),
  VELERO_IMAGE_RATE_LIMITED: fail('The registry answers no more for now.', 'Pull with a login, or later.'),
  VELERO_IMAGE_PLATFORM: fail('The image has nothing for the platform of the node.', 'Build and push it for that platform too.'),
  VELERO_IMAGE_NAME: fail('The image reference is none.', 'Correct it.'),
  VELERO_IMAGE_NEVER: fail(
    'The pull policy is Never, and the node does not have the image.',
    'Use IfNotPresent, or load the image on every node.',
  ),
  VELERO_IMAGE_BROKEN: fail('The node cannot unpack the image: a layer is damaged or has not its digest.', 'Build and push it again.'),
  VELERO_IMAGE_PULL: fail('The node cannot pull the image; the cause is not one of those above.', 'See the words of the node.'),
  VELERO_INIT_PROGRAM: fail(
    'The program of the image that copies the plugin is missing or cannot be started.',
    'Put it into the image, statically linked.',
  ),
  VELERO_INIT_MACHINE: fail(
    'The program of the image that copies the plugin is for another machine.',
    "Build the image for the node's platform.",
  ),
  VELERO_INIT_NO_COMMAND: fail('The image has neither ENTRYPOINT nor CMD.', 'Add an ENTRYPOINT that copies the plugin to /target.'),
  VELERO_INIT_USER: fail(
    "The user of the image does not exist, or the pod's security context forbids it.",
    'Write a number, such as USER 65532:65532.',
  ),
  VELERO_INIT_CREATE: fail('The container could not be made; the cause is not one of those above.', 'See the words of the node.'),
  VELERO_INIT_MEMORY: fail('The init container was killed: it needs more memory than it may have.', 'Raise its limit.'),
  VELERO_INIT_READ_ONLY: fail('The init container may not write to /target.', 'Mount the volume plugins there without readOnly.'),
  VELERO_INIT_PERMISSION: fail(
    'The user of the image may not read the plugin, or not write to /target.',
    'Build it with chmod 755, readable for its USER.',
  ),
  VELERO_INIT_NOTHING: fail('The command of the image finds nothing to copy.', 'Put the plugin where the command looks for it.'),
  VELERO_INIT_SPACE: fail('The disk of the node is full.', 'Make room on the node.'),
  VELERO_INIT_BUSY: fail(
    'The init container ran again while the plugin was running, and may not overwrite it.',
    'Delete the pod: a new one starts with an empty volume.',
  ),
  VELERO_INIT_FAILED: fail(
    'The init container ended with an error of its own; says the exit code and its last words.',
    'See its log, and correct the command of the image.',
  ),
  VELERO_INIT_RUNS: fail(
    'The init container has not ended, so that Velero does not start.',
    'Let the command of the image end when it has copied.',
  ),
  VELERO_PLUGIN_MACHINE: fail('The plugin is for another machine, empty or no program.', "Build it for the node's platform."),
  VELERO_PLUGIN_INTERPRETER: fail(
    "The plugin needs a dynamic loader or an interpreter that Velero's image does not have.",
    'Build it with CGO_ENABLED=0; a script cannot be a plugin.',
  ),
  VELERO_PLUGIN_MODE: fail("The plugin's file may not be run by Velero's user, or by nobody.", 'Build the image with chmod 755 on it.'),
  VELERO_PLUGIN_PANIC: fail('The plugin panics when it starts.', 'Correct it: nothing may fail before the plugin serves.'),
  VELERO_PLUGIN_FLAGS: fail(
    "The plugin does not know a flag of the server's, which it is started with.",
    'Let the framework read the flags (BindFlags).',
  ),
  VELERO_PLUGIN_LIBRARIES: fail(
    "The plugin needs libraries that Velero's image does not have, or newer ones.",
    'Build it with CGO_ENABLED=0.',
  ),
  VELERO_PLUGIN_NO_HANDSHAKE: fail(
    'The plugin ended before it said a word: it exits, crashes, or is no plugin.',
    'Run it by hand with the environment of Velero; --log-level=debug of the server shows what it writes.',
  ),
  VELERO_PLUGIN_PRINTS: fail('The plugin writes to standard output before it serves.', 'Log with the logger that the framework gives.'),
  VELERO_PLUGIN_TEMPORARY: fail("No plugin can be started: /tmp of Velero's container cannot be written.", 'Mount an emptyDir at /tmp.'),
  VELERO_PLUGIN_PROTOCOL: fail('The plugin speaks the protocol of before Velero 1.0.', 'Build it with a current framework.'),
  VELERO_PLUGIN_HANGS: fail('The plugin does not answer when it is started.', 'Let it connect to nothing before it serves.'),
  VELERO_PLUGIN_DUPLICATE: fail('Two files register the same plugin.', 'Remove one of them.'),
  VELERO_PLUGIN_KIND: fail('The plugin has a kind that this server does not know.', "Build it with the framework of the server's version."),
  VELERO_PLUGIN_NAME: fail('The plugin has a name that Velero refuses.', 'Name it as in example.com/plugin.'),
  VELERO_PLUGIN_MEMORY: fail('A process was killed while plugins were started: memory.', "Raise the memory limit of Velero's container."),
} as const satisfies Record<string, CodeDoc>

export const finding = (code: VeleroCode, message: string, evidence: readonly string[] = []): Finding => ({
  status: veleroCodes[code].status,
  code,
  message,
  ...(evidence.length === 0 ? {} : { evidence }),
})
