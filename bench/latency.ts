/**
 * How long an admission review and a prioritize call take over HTTPS on one keep-alive connection, beside a bare
 * fastify server that parses the same bodies and answers the same bytes, call by call in turns.
 * `npm run bench:latency -- [rounds]` prints a table.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { runCerts } from '../src/commands/certs.ts';
import { benchFleet } from './fleet.ts';
import { percentile, startServer, stopServers } from './processes.ts';

const ROUNDS = Number(process.argv[2] ?? 3000);
const NAMES = 500;
const GROUPS = 40;
const folder = mkdtempSync(join(tmpdir(), 'packdown-bench-'));

try {
  await runCerts(
    { out: folder, service: 'packdown.packdown-system.svc' },
    { stdout: () => undefined, now: new Date() },
  );
  const tls = ['--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key')];
  writeFileSync(join(folder, 'fleet.yaml'), benchFleet(NAMES, GROUPS));
  const fleet = ['--fleet', join(folder, 'fleet.yaml')];
  const { port: packdown } = await startServer([
    'src/main.ts',
    'serve',
    '--host',
    '127.0.0.1',
    '--port',
    '0',
    '--ops-port',
    '0',
    ...fleet,
    ...tls,
  ]);
  const { port: echo } = await startServer(['bench/echo-server.ts', ...tls]);
  const dispatcher = new Agent({ connect: { ca: readFileSync(join(folder, 'ca.crt')) }, connections: 1 });

  console.log('call                     server    p50 ms  p99 ms   of echo');
  for (const [name, path, body] of calls()) {
    const post = async (port: number) => {
      const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body, dispatcher } as const;
      const { statusCode, body: answer } = await request(`https://127.0.0.1:${port}${path}`, options);
      const text = await answer.text();
      if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${text}`);
      return text;
    };
    await request(`https://127.0.0.1:${echo}/answer`, {
      method: 'POST',
      body: await post(packdown),
      headers: { 'content-type': 'application/json' },
      dispatcher,
    });
    const times = { packdown: [] as number[], echo: [] as number[] };
    for (let round = -ROUNDS / 10; round < ROUNDS; round += 1) {
      for (const [server, port] of [
        ['packdown', packdown],
        ['echo', echo],
      ] as const) {
        const begin = performance.now();
        await post(port);
        if (round >= 0) times[server].push(performance.now() - begin);
      }
    }
    for (const server of ['packdown', 'echo'] as const) {
      const ratio = percentile(times[server], 0.5) / percentile(times.echo, 0.5);
      const figures = [percentile(times[server], 0.5), percentile(times[server], 0.99)].map((ms) =>
        ms.toFixed(3).padStart(7),
      );
      console.log(`${name.padEnd(24)} ${server.padEnd(8)} ${figures.join(' ')}   ${ratio.toFixed(2)}`);
    }
  }
  await dispatcher.close();
} finally {
  await stopServers();
  rmSync(folder, { recursive: true, force: true });
}

function calls(): readonly (readonly [name: string, path: string, body: string])[] {
  const scale = (replicas: number) => ({
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name: 'bench', namespace: 'bench', uid: 'bench', resourceVersion: '2478' },
    spec: { replicas },
    status: {
      replicas: GROUPS,
      selector: 'modelserving.volcano.sh/name=bench,modelserving.volcano.sh/role-id=prefill-0',
    },
  });
  const resource = { group: 'workload.serving.volcano.sh', version: 'v1alpha1', resource: 'modelservings' };
  const review = (replicas: number) => ({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: '9fdbddfc-d5b4-443c-8361-8fb39120cc6e',
      kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
      resource,
      subResource: 'scale',
      requestResource: resource,
      requestSubResource: 'scale',
      name: 'bench',
      namespace: 'bench',
      operation: 'UPDATE',
      userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      object: scale(replicas),
      oldObject: scale(GROUPS),
      dryRun: false,
    },
  });
  const requests = { cpu: '8', memory: '64Gi', 'nvidia.com/gpu': '2' };
  const pod = {
    metadata: { name: 'p', namespace: 'bench' },
    spec: { containers: [{ name: 'c', resources: { requests } }] },
  };
  const names = Array.from({ length: NAMES }, (_, index) => `node-${index}`);
  return [
    ['/validate, scale up', '/validate', JSON.stringify(review(GROUPS + 1))],
    ['/validate, scale down', '/validate', JSON.stringify(review(GROUPS - 4))],
    [
      `prioritize, ${NAMES} names`,
      '/scheduler/prioritize',
      JSON.stringify({ Pod: pod, Nodes: null, NodeNames: names }),
    ],
  ];
}
