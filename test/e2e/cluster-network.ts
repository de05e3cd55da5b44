import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { ControlPlane } from './control-plane/control-plane.ts';

/**
 * In place of a cluster's network: the apiserver's calls to Services go to one of `ports()` on 127.0.0.1, so that
 * webhook configurations work as they are. The apiserver is started again for that. Ends with the control plane.
 */
export async function startClusterNetwork(controlPlane: ControlPlane, ports: () => readonly number[]): Promise<void> {
  const socket = join(controlPlane.folder, 'cluster-network.sock');
  await rm(socket, { force: true });
  // The only tunnels are the apiserver's: it asks for the address of a Service and is given a replica, or for a
  // kubelet's.
  const server = createServer().on('connect', ({ url = '' }: IncomingMessage, incoming: Duplex) => {
    const port = /^127\.0\.0\.1:(\d+)$/.exec(url)?.[1] ?? ports()[0];
    if (port === undefined) return void incoming.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
    const outgoing = connect(Number(port), '127.0.0.1', () => {
      incoming.write('HTTP/1.1 200 OK\r\n\r\n');
      incoming.pipe(outgoing).pipe(incoming);
    });
    outgoing.on('error', () => incoming.destroy()).on('close', () => incoming.destroy());
    incoming.on('error', () => outgoing.destroy()).on('close', () => outgoing.destroy());
  });
  server.listen(socket).unref();
  await once(server, 'listening');
  const selection = {
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections: [
      {
        name: 'cluster',
        connection: { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: socket } } },
      },
    ],
  };
  const file = join(controlPlane.folder, 'egress.json');
  await writeFile(file, JSON.stringify(selection));
  await controlPlane.killApiServer();
  await controlPlane.startApiServer(`--egress-selector-config-file=${file}`);
}
