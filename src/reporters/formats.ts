/** Every format of a report, in the order of the help. */
export const reportFormats = ['human', 'json', 'yaml', 'junit', 'sarif', 'markdown', 'html', 'troubleshoot'] as const

export type ReportFormat = (typeof reportFormats)[number]
