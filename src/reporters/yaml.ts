import { stringify } from 'yaml'
import { reportDocument } from './json.ts'
import type { Reporter } from './reporter.ts'

export const yaml: Reporter = report => stringify(reportDocument(report), { lineWidth: 0, aliasDuplicateObjects: false })
