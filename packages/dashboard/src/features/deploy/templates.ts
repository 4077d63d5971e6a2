/** To start from: each runs as it is, and shows one thing. */

export interface Template {
  readonly id: string
  readonly title: string
  readonly about: string
  readonly text: string
}

const head = (name: string): string => `apiVersion: porpulsion.io/v1alpha1
kind: RemoteApp
metadata:
  name: ${name}
`

export const blank = `apiVersion: porpulsion.io/v1alpha1
kind: RemoteApp
metadata: {}
spec:
  replicas: 1
`

export const templates: readonly Template[] = [
  {
    id: 'hello',
    title: 'Hello',
    about: 'A page to look at. Runs anywhere, also without Kubernetes.',
    text: `${head('hello-page')}spec:
  image: porpulsion/hello
  replicas: 1
  args: [--port, "8080", --message, Hello from another cluster]
  ports:
    - port: 8080
      name: http
  readinessProbe:
    httpGet:
      path: /healthz
      port: 8080
`,
  },
  {
    id: 'ticker',
    title: 'Ticker',
    about: 'Writes a line every second: for a look at logs. Runs anywhere.',
    text: `${head('ticker')}spec:
  image: porpulsion/ticker
  replicas: 1
`,
  },
  {
    id: 'nginx',
    title: 'nginx',
    about: 'A web server, unprivileged, with limits and health checks.',
    text: `${head('web')}spec:
  # The usual image wants to be root; this one does not.
  image: nginxinc/nginx-unprivileged:1.29
  replicas: 2
  ports:
    - port: 8080
      name: http
  resources:
    requests: {cpu: 50m, memory: 32Mi}
    limits: {cpu: 500m, memory: 128Mi}
  readinessProbe:
    httpGet:
      path: /
      port: 8080
`,
  },
  {
    id: 'site',
    title: 'Static site',
    about: 'Your own pages from a config map, served by nginx.',
    text: `${head('site')}spec:
  image: nginxinc/nginx-unprivileged:1.29
  replicas: 1
  ports:
    - port: 8080
      name: http
  configMaps:
    # Each key is a file in the directory.
    - name: pages
      mountPath: /usr/share/nginx/html
      data:
        index.html: |
          <!doctype html>
          <title>Hello</title>
          <h1>Hello from another cluster</h1>
`,
  },
  {
    id: 'postgres',
    title: 'PostgreSQL',
    about: 'A database with storage that stays, and a password of its own.',
    text: `${head('postgres')}spec:
  image: postgres:17
  replicas: 1
  ports:
    - port: 5432
      name: postgres
  env:
    - name: POSTGRES_PASSWORD_FILE
      value: /etc/postgres/password
    # A directory in the volume: its root has lost+found, which the database would not begin in.
    - name: PGDATA
      value: /var/lib/postgresql/data/pgdata
  secrets:
    - name: credentials
      mountPath: /etc/postgres
      data:
        password: "" # choose one
  pvcs:
    # The host must allow storage (storage.enabled).
    - name: data
      mountPath: /var/lib/postgresql/data
      storage: 1Gi
  readinessProbe:
    exec:
      command: [pg_isready, -U, postgres]
`,
  },
  {
    id: 'redis',
    title: 'Redis',
    about: 'A cache in memory, with a bound.',
    text: `${head('redis')}spec:
  image: redis:8
  replicas: 1
  args: [--maxmemory, 64mb, --maxmemory-policy, allkeys-lru, --save, ""]
  ports:
    - port: 6379
      name: redis
  resources:
    limits: {cpu: 500m, memory: 128Mi}
  readinessProbe:
    exec:
      command: [redis-cli, ping]
`,
  },
  {
    id: 'job',
    title: 'Every so often',
    about: 'A script that runs, sleeps and runs again: apps go on, there are no jobs.',
    text: `${head('every-hour')}spec:
  image: busybox:1.37
  replicas: 1
  command: [sh, -ec]
  args:
    - |
      while true; do
        echo "$(date -u): at work"
        sleep 3600
      done
`,
  },
]

export const templateOf = (id: string | undefined): Template | undefined =>
  templates.find((one) => one.id === id)
