import type { Metrics } from './prometheus.js';
import { durationBounds, type RequestCounts } from './request-counts.js';
import { known } from './samples.js';

/** What `mdl serve` knows of itself, as numbers that are there anyway. */
export interface ServerNumbers {
  readonly requests: RequestCounts;
  readonly inProgress: () => number;
  readonly openConnections: () => number;
  readonly bytesSent: () => number;
  /** Of the API to the database. */
  readonly connections: () => { readonly max: number; readonly inUse: number; readonly waiting: number };
  readonly refreshes: () => number;
  readonly relations: () => number;
  readonly listeners: () => number;
}

export function addServerMetrics(metrics: Metrics, server: ServerNumbers): void {
  const { requests } = server;
  metrics.counter(
    'mdl_http_requests_total',
    'Requests by what they ask for. Relations that the catalog does not know are "other"; 499: the client left before the answer was complete.',
    ['kind', 'relation', 'method', 'status'],
    () =>
      requests.targets.flatMap(({ kind, relation, series }) =>
        series.map(({ method, status, count }) => ({
          labels: { kind, relation, method, status },
          value: count,
        })),
      ),
  );
  metrics.histogram(
    'mdl_http_request_duration_seconds',
    'Time from the request to the end of its answer. Event streams are not among them.',
    () =>
      requests.durations.flatMap(({ labels, buckets, sum, count }) => {
        let below = 0;
        return [
          ...durationBounds.map((le, i) => {
            below += buckets[i]!;
            return { suffix: 'bucket' as const, labels: { ...labels, le }, value: below };
          }),
          { suffix: 'bucket' as const, labels: { ...labels, le: '+Inf' }, value: count },
          { suffix: 'sum' as const, labels, value: sum },
          { suffix: 'count' as const, labels, value: count },
        ];
      }),
  );
  metrics.gauge('mdl_http_requests_in_progress', 'Requests that have no complete answer yet.', [], () =>
    known(server.inProgress()),
  );
  metrics.gauge('mdl_http_connections', 'Connections of clients.', [], () => known(server.openConnections()));
  metrics.counter('mdl_http_sent_bytes_total', 'Bytes sent to clients, headers included.', [], () =>
    known(server.bytesSent()),
  );
  metrics.counter(
    'mdl_cache_requests_total',
    'Requests for rows by where the answer came from: hit: memory; miss: the database; not_modified: the client had it (304); bypass: it may not be kept.',
    ['result'],
    () => Object.entries(requests.answers).map(([result, value]) => ({ labels: { result }, value })),
  );
  metrics.counter('mdl_api_rows_total', 'Rows sent to clients of the API.', [], () => known(requests.rows));
  metrics.gauge(
    'mdl_api_database_connections',
    'Connections to the database that answer requests now.',
    [],
    () => known(server.connections().inUse),
  );
  metrics.gauge(
    'mdl_api_database_connections_max',
    'Connections to the database that the API may use.',
    [],
    () => known(server.connections().max),
  );
  metrics.gauge('mdl_api_requests_waiting', 'Requests that wait for a connection to the database.', [], () =>
    known(server.connections().waiting),
  );
  metrics.counter(
    'mdl_catalog_refreshes_total',
    'Times the catalog was read anew because it had changed.',
    [],
    () => known(server.refreshes()),
  );
  metrics.gauge('mdl_catalog_relations', 'Relations that the API exposes.', [], () =>
    known(server.relations()),
  );
  metrics.gauge('mdl_event_listeners', 'Pages of the web app that listen for news.', [], () =>
    known(server.listeners()),
  );
}
