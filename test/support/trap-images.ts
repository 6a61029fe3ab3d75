import { archiveTraps } from './traps/archives.ts'
import { folderTraps } from './traps/folders.ts'
import { linkTraps } from './traps/links.ts'
import { tableTraps } from './traps/tables.ts'
import type { Trap } from './traps/trap.ts'

/** Every way that we know to be wrong about an image without reading all of it as a node does, by what it is. */
export const trapImages: Readonly<Record<string, Trap>> = { ...folderTraps, ...linkTraps, ...archiveTraps, ...tableTraps }
