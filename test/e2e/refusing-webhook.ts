import { createServer } from 'node:https';
import { caBundle, makeCertificates } from '../../src/http/certificates.ts';
import { objectAt, textOf } from '../../src/workloads/core/json.ts';
import type { Cluster } from './control-plane/cluster.ts';
import { listenOnLoopback } from './loopback.ts';

const NAME = 'refusing';
export const REFUSAL = 'somebody else says no';

/** Rules of a ValidatingWebhookConfiguration. */
export interface Rules {
  apiGroups: string[];
  apiVersions: string[];
  resources: string[];
}

export interface RefusingWebhook {
  /** Unregisters it and ends the server. */
  close(): Promise<void>;
}

/**
 * Registers a validating webhook of somebody else, which refuses every update that the rules name, but not before
 * `ripe` has resolved. The apiserver calls all validating webhooks at the same time.
 */
export async function startRefusingWebhook(
  { api, apply }: Cluster,
  rules: Rules[],
  ripe: () => Promise<unknown>,
): Promise<RefusingWebhook> {
  const { ca, cert, key } = await makeCertificates({ now: new Date() });
  const server = createServer({ cert, key }, async (incoming, outgoing) => {
    const review: unknown = JSON.parse((await incoming.setEncoding('utf8').toArray()).join(''));
    const { uid, dryRun } = objectAt(review, 'request');
    if (dryRun !== true) await ripe().catch((error: unknown) => console.error(`not ripe for a refusal: ${error}`));
    const response = { uid: textOf(uid), allowed: false, status: { code: 403, message: REFUSAL } };
    outgoing.writeHead(200, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }));
  });
  const port = await listenOnLoopback(server);
  await apply({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: NAME },
    webhooks: [
      {
        name: 'somebody.else.example',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 20,
        clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: caBundle(ca) },
        rules: rules.map((rule) => ({ ...rule, operations: ['UPDATE'] })),
      },
    ],
  });
  return {
    close: async () => {
      await api.delete(`/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${NAME}`);
      server.close();
      server.closeAllConnections();
    },
  };
}
