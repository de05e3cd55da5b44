/** What is told apart of TLS handshakes that fail. */
export const HANDSHAKE_FAILURES = ['untrusted', 'not-tls', 'timeout', 'closed', 'other'] as const;

export type HandshakeFailure = (typeof HANDSHAKE_FAILURES)[number];

/**
 * Told of every handshake that fails: why, what OpenSSL or node calls it, and the caller's address where that is known.
 */
export type OnHandshakeFailed = (failure: HandshakeFailure, code: string | undefined, from: string | undefined) => void;

/**
 * The alerts of a caller that has looked at the certificate: Go's `bad_certificate` for all, OpenSSL's one for each
 * case.
 */
const UNTRUSTED =
  /_ALERT_(BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_REVOKED|CERTIFICATE_EXPIRED|CERTIFICATE_UNKNOWN|UNKNOWN_CA)$/;

/** Takes the code of a `tlsClientError`. */
export function handshakeFailure(code: string | undefined): HandshakeFailure {
  switch (code) {
    case 'ECONNRESET':
      return 'closed';
    case 'ERR_TLS_HANDSHAKE_TIMEOUT':
      return 'timeout';
    case 'ERR_SSL_HTTP_REQUEST':
    case 'ERR_SSL_HTTPS_PROXY_REQUEST':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return 'not-tls';
    default:
      return code !== undefined && UNTRUSTED.test(code) ? 'untrusted' : 'other';
  }
}
