import { readFileSync, writeFileSync, mkdtempSync } from 'node:fs'
import { report } from '/work/wt/velero/test/support/command.ts'
import { cases } from '/work/wt/velero/test/interop/velero-deployments/cases.ts'
const kubeconfig = readFileSync('/tmp/capture-kubeconfig','utf8').trim()
const hosts = JSON.parse(readFileSync('/tmp/capture-hosts','utf8'))
const image = (w: string) => w.includes('/') ? w.replaceAll('REGISTRY', hosts[0]).replaceAll('PRIVATE', hosts[1]) : `${hosts[0]}/acme/plugins:${w}`
const only = process.argv.slice(2)
for (const { name, plugins } of cases) {
  if (only.length && !only.includes(name)) continue
  const list = Object.entries(plugins).map(([name, written]) => ({ name, image: image(written) }))
  writeFileSync('/tmp/try-config.yaml', `apiVersion: embeddedcluster.replicated.com/v1beta1\nkind: Config\nmetadata: {name: c}\nspec: {extensions: {velero: {plugins: ${JSON.stringify(list)}}}}\n`)
  const ran = await report(['run','--no-bundle','--no-cache','--from-cluster','--kubeconfig',kubeconfig,'-n',name,'--config','/tmp/try-config.yaml','--checks','velero'])
  console.log('##', name, ran.code)
  for (const status of ['pass','warn','fail'] as const) for (const r of ran.json[status] ?? []) if (r.check === 'velero') for (const f of r.findings) { console.log('  ', f.status, r.plugin ?? '-', f.code, '|', f.message); if (only.length) console.log((f.evidence??[]).map(x=>'        '+x).join('\n')) }
}
