import type { Command } from 'commander'
import type { Io } from '../cli.ts'
import { analyzeCommand } from './analyze.ts'
import { collectCommand } from './collect.ts'
import { completionCommand } from './completion.ts'
import { conversionWebhookCommand } from './conversion-webhook.ts'
import { convertCommand } from './convert.ts'
import { crdCommand } from './crd.ts'
import { explainCommand } from './explain.ts'
import { lintCommand } from './lint.ts'
import { nodeCommand } from './node.ts'
import { rbacCommand } from './rbac.ts'
import { runCommand } from './run.ts'
import { templateCommand } from './template.ts'
import { valuesCommand } from './values.ts'
import { verifyCommand } from './verify.ts'

/** Adds a command to the program; what it runs is loaded when it is called. */
type AddCommand = (program: Command, io: Io, end: (exit: number) => void) => void

/** Every command, in the order of the help. */
export const commands: readonly AddCommand[] = [
  runCommand,
  collectCommand,
  analyzeCommand,
  verifyCommand,
  lintCommand,
  valuesCommand,
  convertCommand,
  crdCommand,
  conversionWebhookCommand,
  rbacCommand,
  templateCommand,
  nodeCommand,
  explainCommand,
  completionCommand,
]
