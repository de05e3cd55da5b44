import { TLSSocket } from 'node:tls';
import type { FastifyRequest } from 'fastify';
import { RequestError } from './problem.ts';

/**
 * Lets a request pass only over a connection whose client certificate the client CA has signed.
 *
 * @throws RequestError 401 when there is no certificate, 403 when it is not accepted.
 */
export async function requireClientCertificate(request: FastifyRequest): Promise<void> {
  const socket = request.raw.socket;
  // `authorized` alone is not enough: node also sets it on a resumed TLS 1.3 session that never had a certificate.
  if (!(socket instanceof TLSSocket) || socket.getPeerX509Certificate() === undefined) {
    throw new RequestError(
      401,
      'ClientCertificateRequired',
      'This port asks for a client certificate and none was presented: configure the caller with one signed by --client-ca.',
    );
  }
  if (!socket.authorized) {
    throw new RequestError(
      403,
      'ClientCertificateRejected',
      `The client certificate is not accepted (${socket.authorizationError}): present one signed by --client-ca, valid now and for clientAuth.`,
    );
  }
}
