import type { FileNode } from '../oci/file-tree.ts'
import { type ContainerFiles, find, inTarget } from './container-files.ts'
import { type CommandEnd, words } from './copy-files.ts'

/** `chmod` on what was copied; on anything else it changes nothing that matters here. */
export const runChmod = (files: ContainerFiles, args: readonly string[]): CommandEnd => {
  const options = args.filter(arg => /^-[Rcfv]+$|^--recursive$/.test(arg))
  const [mode, ...paths] = args.filter(arg => !options.includes(arg))
  if (mode === undefined || paths.length === 0) return { exit: 1, why: 'chmod: missing operand' }
  const change = changeOf(mode)
  if (change === undefined) return { unknown: `the mode ${mode} of chmod` }
  const recursive = options.some(option => option === '--recursive' || option.includes('R'))
  for (const path of paths) {
    const found = find(files, path, 'follow')
    if (typeof found === 'string') return { exit: 1, why: `chmod ${path}: ${words(found)}` }
    if (!inTarget(found.path)) return { elsewhere: path }
    if (found.node.uid !== files.who.uid && files.who.uid !== 0) return { exit: 1, why: `chmod ${path}: not the owner` }
    applyTo(files, found.node, change, recursive)
  }
  return { exit: 0 }
}

const applyTo = (files: ContainerFiles, node: FileNode, change: (mode: number) => number, recursive: boolean): void => {
  files.step()
  if (node.kind === 'symlink') return
  node.mode = change(node.mode)
  if (recursive && node.kind === 'directory') for (const child of node.children.values()) applyTo(files, child, change, true)
}

/** Octal modes, and `[ugoa]…[+-=][rwx]…` without umask surprises: where no class is named, only the bits that umask leaves. */
const changeOf = (text: string): ((mode: number) => number) | undefined => {
  if (/^[0-7]{1,4}$/.test(text)) return () => Number.parseInt(text, 8)
  const clauses = text.split(',').map(clause => /^([ugoa]*)([+=-])([rwx]*)$/.exec(clause))
  if (clauses.some(clause => clause === null)) return undefined
  return mode =>
    clauses.reduce((now, clause) => {
      const [, classes = '', operator, letters = ''] = clause!
      const named = classes === '' || classes.includes('a') ? 'ugo' : classes
      const bits = (letters.includes('r') ? 4 : 0) | (letters.includes('w') ? 2 : 0) | (letters.includes('x') ? 1 : 0)
      const shifts = [...'ugo'].flatMap((letter, index) => (named.includes(letter) ? [6 - 3 * index] : []))
      const mask = shifts.reduce((sum, shift) => sum | (7 << shift), 0)
      const wanted = shifts.reduce((sum, shift) => sum | (bits << shift), 0) & (classes === '' ? ~0o022 : ~0)
      if (operator === '+') return now | wanted
      return operator === '-' ? now & ~wanted : (now & ~mask) | wanted
    }, mode)
}
