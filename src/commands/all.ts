import type { Command } from 'commander'
import type { Io } from '../cli.ts'
import { analyzeCommand } from './analyze.ts'
import { collectCommand } from './collect.ts'
import { nodeCommand } from './node.ts'
import { rbacCommand } from './rbac.ts'
import { runCommand } from './run.ts'
import { verifyCommand } from './verify.ts'

/** Adds a command to the program; what it runs is loaded when it is called. */
type AddCommand = (program: Command, io: Io, end: (exit: number) => void) => void

/** Every command, in the order of the help. */
export const commands: readonly AddCommand[] = [runCommand, collectCommand, analyzeCommand, verifyCommand, rbacCommand, nodeCommand]
