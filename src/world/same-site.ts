/** Suffixes of two labels below which strangers register names, besides those of country codes (`co.uk`). */
const sharedSuffixes = new Set(
  (
    'amazonaws.com azurecr.io azurewebsites.net cloudapp.net windows.net trafficmanager.net azure.com cloudfront.net ' +
    'googleusercontent.com appspot.com run.app web.app firebaseapp.com pkg.dev workers.dev pages.dev r2.dev github.io gitlab.io ' +
    'herokuapp.com vercel.app netlify.app fly.dev onrender.com ngrok.io ngrok.app jfrog.io cloudsmith.io aliyuncs.com ' +
    'myqcloud.com digitaloceanspaces.com ondigitalocean.app linodeobjects.com backblazeb2.com blogspot.com wordpress.com ' +
    'duckdns.org dyndns.org no-ip.org sslip.io nip.io svc.local'
  ).split(' '),
)

/** Token servers of big registries that lie on another domain than the registry. */
const knownTokenServers: readonly (readonly [registry: RegExp, tokenServer: RegExp])[] = [
  [/\.azurecr\.io$/, /^login\.microsoftonline\.com$/],
  [/\.pkg\.dev$/, /^oauth2\.googleapis\.com$/],
  [/^registry\.([a-z0-9-]+)\.aliyuncs\.com$/, /^dockerauth\.[a-z0-9-]+\.aliyuncs\.com$/],
]

/**
 * Whether a registry and a token server are run by the same people, as far as names can tell: one registrable domain.
 * Without the public suffix list this errs on the strict side; `--allow-realm` is for the rest.
 */
export const isSameSite = (registry: string, tokenServer: string): boolean => {
  if (registry === tokenServer) return true
  if (knownTokenServers.some(([a, b]) => a.test(registry) && b.test(tokenServer))) return true
  const domain = registrableDomain(registry)
  return domain !== undefined && domain === registrableDomain(tokenServer)
}

/** `example.com`, `example.co.uk`; undefined for addresses, single names and what is itself a suffix. */
export const registrableDomain = (host: string): string | undefined => {
  const labels = host.replace(/\.$/, '').split('.')
  const [second = '', top = ''] = labels.slice(-2)
  if (labels.length < 2 || !/^[a-z][a-z0-9-]*$/i.test(top)) return undefined
  const isSuffix = sharedSuffixes.has(`${second}.${top}`) || (top.length === 2 && second.length <= 3)
  const size = isSuffix ? 3 : 2
  return labels.length < size ? undefined : labels.slice(-size).join('.')
}
