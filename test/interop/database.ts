import type { KubeObject } from './kubernetes.ts'
import { dockerSecret, namespace } from './kubernetes.ts'
import type { S3Server } from './s3.ts'

/** What PostgreSQL in the namespace `shop` needs, apart from a volume. */
export const databaseObjects = (image: string, port: number, s3: S3Server, pullSecret: string): readonly KubeObject[] => {
  const environment = {
    PGPORT: String(port),
    PGDATA: '/var/lib/postgresql/data/pgdata',
    PGBACKREST_PG1_PATH: '/var/lib/postgresql/data/pgdata',
    PGBACKREST_PG1_PORT: String(port),
    PGBACKREST_PG1_SOCKET_PATH: '/tmp',
    PGBACKREST_REPO1_TYPE: 's3',
    PGBACKREST_REPO1_PATH: '/shop',
    PGBACKREST_REPO1_S3_BUCKET: 'pgbackrest',
    PGBACKREST_REPO1_S3_ENDPOINT: 'localhost',
    PGBACKREST_REPO1_S3_REGION: 'us-east-1',
    PGBACKREST_REPO1_S3_URI_STYLE: 'path',
    PGBACKREST_REPO1_STORAGE_HOST: 'localhost',
    PGBACKREST_REPO1_STORAGE_PORT: String(s3.port),
    PGBACKREST_REPO1_STORAGE_CA_FILE: '/etc/s3/ca.crt',
    // Hundreds of small files are a few objects so.
    PGBACKREST_REPO1_BUNDLE: 'y',
    PGBACKREST_REPO1_RETENTION_FULL: '2',
    PGBACKREST_LOG_LEVEL_FILE: 'off',
    PGBACKREST_LOCK_PATH: '/tmp/pgbackrest',
    PGBACKREST_SPOOL_PATH: '/tmp/pgbackrest-spool',
    PGBACKREST_START_FAST: 'y',
  }
  return [
    namespace('shop'),
    dockerSecret('shop', 'registry', pullSecret),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 's3', namespace: 'shop' }, data: { 'ca.crt': s3.ca } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's3', namespace: 'shop' },
      stringData: { PGBACKREST_REPO1_S3_KEY: s3.accessKey, PGBACKREST_REPO1_S3_KEY_SECRET: s3.secretKey },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'shop' },
      spec: { storageClassName: 'folder', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'db', namespace: 'shop', annotations: { 'postgresql.example.com/tool': 'pgbackrest' } },
      spec: {
        hostNetwork: true,
        terminationGracePeriodSeconds: 5,
        imagePullSecrets: [{ name: 'registry' }],
        containers: [
          {
            name: 'postgres',
            image,
            env: Object.entries(environment).map(([name, value]) => ({ name, value })),
            envFrom: [{ secretRef: { name: 's3' } }],
            volumeMounts: [
              { name: 'data', mountPath: '/var/lib/postgresql/data' },
              { name: 's3', mountPath: '/etc/s3' },
            ],
            readinessProbe: {
              exec: { command: ['pg_isready', '-q', '-h', '127.0.0.1', '-p', String(port)] },
              periodSeconds: 1,
              timeoutSeconds: 10,
            },
          },
        ],
        volumes: [
          { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
          { name: 's3', configMap: { name: 's3' } },
        ],
      },
    },
  ] as unknown as readonly KubeObject[]
}

/** A volume of this machine's folder, as a provisioner would make one. */
export const folderVolume = (name: string, folder: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      storageClassName: 'folder',
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: folder, type: 'Directory' },
    },
  }) as unknown as KubeObject
