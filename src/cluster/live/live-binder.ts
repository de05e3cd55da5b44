import type { Binder } from '../../domain/fleet/binder.ts';
import type { KubeApi } from './kube-api.ts';

/** Binds through the API, whose storage copies a Binding's annotations onto the pod as it gives it its node. */
export function liveBinder(api: Pick<KubeApi, 'post'>): Binder {
  return {
    async bind({ namespace, name, uid, node, annotations }) {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/binding`;
      await api.post(path, {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { namespace, name, uid, ...(Object.keys(annotations).length > 0 && { annotations }) },
        target: { apiVersion: 'v1', kind: 'Node', name: node },
      });
    },
  };
}
