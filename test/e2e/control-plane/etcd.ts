import { fetch } from 'undici';
import { isObject, type JsonObject, objectAt } from '../../../src/workloads/core/json.ts';

/**
 * Throws away every revision before the present one, as apiservers do every five minutes; watches from there end with
 * 410.
 */
export async function compactEtcd(url: string): Promise<void> {
  const { header } = await ask(url, '/v3/kv/range', { key: base64('\0'), range_end: base64('\0'), count_only: true });
  await ask(url, '/v3/kv/compaction', { revision: objectAt(header).revision, physical: true });
}

/** A call of etcd's gRPC gateway. */
async function ask(url: string, path: string, body: object): Promise<JsonObject> {
  const answer = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  const text = await answer.text();
  const value: unknown = answer.ok ? JSON.parse(text) : null;
  if (!isObject(value)) throw new Error(`etcd answered ${path} with ${answer.status}: ${text}`);
  return value;
}

function base64(key: string): string {
  return Buffer.from(key).toString('base64');
}
