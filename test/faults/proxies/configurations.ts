// The configurations of the two proxies: the same settings, in the syntax of each.

/** The settings of a proxy. Times in milliseconds. */
export interface Route {
  /** The ports of the servers behind it, used in turn. */
  readonly backends: readonly number[]
  /** An upgraded link that is idle for this long is cut. */
  readonly idle?: number
  /** How long a server may take to answer the handshake. */
  readonly answer?: number
  /** Whether the `Upgrade` header reaches the servers. @default true */
  readonly upgrades?: boolean
  /** Answers by itself, with 503 and this `Retry-After`, in seconds. */
  readonly unavailable?: number
  /** Lets one handshake per second through, and answers 429 to the others. */
  readonly limited?: boolean
  /** nginx: how long the links of an old worker may live on. */
  readonly shutdown?: number
}

export interface Place {
  readonly folder: string
  readonly port: number
  /**
   * Counts the configurations of one proxy. The proxy reports it at `/generation`, and its servers in `x-generation`.
   */
  readonly generation: number
}

/** Far beyond what any test takes. */
const never = 120_000

const lines = (...given: (string | false | undefined)[]): string =>
  given.filter((line) => typeof line === 'string').join('\n') + '\n'

export function nginx(route: Route, { folder, port, generation }: Place): string {
  const { backends, idle, answer, upgrades = true, unavailable, limited = false, shutdown } = route
  // One directive for both: nginx does not distinguish an idle link from a slow answer.
  const read = idle ?? answer ?? never
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return lines(
    'daemon off;',
    `pid ${folder}/nginx.pid;`,
    'error_log stderr crit;',
    'worker_processes 1;',
    shutdown !== undefined && `worker_shutdown_timeout ${shutdown}ms;`,
    'events { worker_connections 1024; }',
    'http {',
    'access_log off;',
    ...temporary.map((each) => `${each}_temp_path ${folder}/${each};`),
    limited && 'limit_req_zone $server_port zone=handshakes:64k rate=1r/s;',
    'upstream servers {',
    // A server that was just away is tried again immediately.
    ...backends.map((each) => `server 127.0.0.1:${each} max_fails=0;`),
    '}',
    'server {',
    `listen 127.0.0.1:${port};`,
    `location = /generation { return 200 "${generation}"; }`,
    'location / {',
    limited && 'limit_req zone=handshakes;\nlimit_req_status 429;\nadd_header Retry-After 1 always;',
    unavailable !== undefined && `add_header Retry-After ${unavailable} always;\nreturn 503;`,
    'proxy_pass http://servers;',
    'proxy_http_version 1.1;',
    upgrades && 'proxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection upgrade;',
    `proxy_set_header X-Generation ${generation};`,
    `proxy_read_timeout ${read}ms;`,
    `proxy_send_timeout ${never}ms;`,
    '}',
    '}',
    '}',
  )
}

export function haproxy(route: Route, { port, generation }: Place): string {
  const { backends, idle = never, answer = never, upgrades = true, unavailable, limited = false } = route
  return lines(
    'global',
    'maxconn 2000',
    'defaults',
    'mode http',
    'timeout connect 2s',
    `timeout client ${never}ms`,
    `timeout server ${answer}ms`,
    `timeout tunnel ${idle}ms`,
    // With a single server there is no other to try, and each retry of it would take a second.
    backends.length > 1 ? 'retries 2\noption redispatch 1' : 'retries 0',
    'frontend web',
    `bind 127.0.0.1:${port}`,
    `http-request return status 200 content-type text/plain string ${generation} if { path /generation }`,
    unavailable !== undefined && `http-request return status 503 hdr Retry-After ${unavailable}`,
    // Counts only accepted requests, or a client that retries at the given time would be refused forever.
    limited && 'stick-table type ip size 16 expire 10s store gpc0_rate(1s)\nhttp-request track-sc0 src',
    limited && 'http-request return status 429 hdr Retry-After 1 if { sc0_gpc0_rate gt 0 }',
    limited && 'http-request sc-inc-gpc0(0)',
    !upgrades && 'http-request del-header upgrade',
    `http-request set-header x-generation ${generation}`,
    'default_backend servers',
    'backend servers',
    'balance roundrobin',
    ...backends.map((each, index) => `server s${index} 127.0.0.1:${each}`),
  )
}
