import { createServer } from 'node:http';
import { listenOnLoopback } from '../loopback.ts';

export interface PrometheusDouble {
  /** For `serverAddress`. */
  url: string;
  /** What was asked, each query once. */
  queries(): readonly string[];
  close(): void;
}

/**
 * Answers instant queries with one value, or with none where it is null. Not Prometheus: it does not read the query.
 */
export async function startPrometheusDouble(answerTo: (query: string) => number | null): Promise<PrometheusDouble> {
  const queries = new Set<string>();
  const server = createServer((incoming, outgoing) => {
    const query = new URL(incoming.url ?? '/', 'http://localhost').searchParams.get('query') ?? '';
    queries.add(query);
    const value = answerTo(query);
    const result = value === null ? [] : [{ metric: {}, value: [Date.now() / 1000, String(value)] }];
    outgoing.writeHead(200, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  });
  const port = await listenOnLoopback(server);
  return {
    url: `http://127.0.0.1:${port}`,
    queries: () => [...queries],
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
