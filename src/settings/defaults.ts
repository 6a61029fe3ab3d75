/** What holds where no flag says otherwise; apart from the settings, so that `--help` needs nothing else of them. */
export const defaults = {
  schema: 'auto',
  stage: 'ga',
  platform: 'linux/amd64',
  namespace: 'velero',
  timeout: '5m',
  format: 'human',
  bindAddress: '0.0.0.0',
  securePort: '8443',
  shutdownDelayDuration: '0s',
} as const
