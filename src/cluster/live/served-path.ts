import { listAt, objectAt, textOf } from '../../workloads/core/json.ts';
import type { KubeApi } from './kube-api.ts';
import { isNotFound } from './kube-errors.ts';

/**
 * The path at which a resource of an API group is listed, in the version that the apiserver prefers or else the first
 * one that has the resource; null while none has it, e.g. because its CRD is not installed.
 */
export async function servedPath(
  api: KubeApi,
  group: string,
  resource: string,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const found = await api.get(`/apis/${group}`, signal);
    const preferred = objectAt(found, 'preferredVersion').groupVersion;
    const all = listAt(found, 'versions').map(({ groupVersion }) => groupVersion);
    for (const version of new Set([preferred, ...all].map(textOf))) {
      if (version === null) continue;
      const resources = listAt(await api.get(`/apis/${version}`, signal), 'resources');
      if (resources.some(({ name }) => name === resource)) return `/apis/${version}/${resource}`;
    }
    return null;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}
