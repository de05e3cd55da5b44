import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { CodedError } from '../domain/coded-error.ts';

/** A refusal with an HTTP status of its own; any other CodedError is answered 400. */
export class RequestError extends CodedError {
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(code, message);
    this.name = 'RequestError';
    this.status = status;
  }
}

/** The refusal of a request without a body. */
export function emptyBody(path: string): RequestError {
  return new RequestError(400, 'EmptyBody', `The body sent to ${path} is empty: send JSON.`);
}

/** The one body of every answer that is not a success. */
export function problemBody(code: string, message: string): string {
  return JSON.stringify({ code, message });
}

/** Characters of a path in the log: every path that there is, and of the others what tells them apart. */
const LONGEST_ROUTE = 100;

/** Answers a failed request as `{"code","message"}`, and logs it without anything the request carried. */
export function sendProblem(log: Logger, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const known = recognise(error, request);
  const route = pathOf(request).slice(0, LONGEST_ROUTE);
  if (known === null) {
    log.error(
      { route, code: 'InternalError', stack: error instanceof Error ? error.stack : undefined },
      'request failed',
    );
  } else {
    log.warn({ route, code: known.code }, 'request refused');
  }
  const { status, code, message } = known ?? INTERNAL;
  reply.code(status).type('application/json; charset=utf-8').send(problemBody(code, message));
}

/** The path of a request without its query: the apiserver adds `?timeout=10s`. */
export function pathOf(request: FastifyRequest): string {
  const query = request.url.indexOf('?');
  return query === -1 ? request.url : request.url.slice(0, query);
}

const INTERNAL = new RequestError(500, 'InternalError', 'packdown failed on this request: its log says why.');

function recognise(error: unknown, request: FastifyRequest): RequestError | null {
  if (error instanceof RequestError) return error;
  if (error instanceof CodedError) return new RequestError(400, error.code, error.message);
  if (request.raw.errored) return new RequestError(400, 'RequestAborted', 'The request ended before its body did.');
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const path = pathOf(request);
  switch (code) {
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return emptyBody(path);
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new RequestError(400, 'InvalidJson', `The body sent to ${path} is not JSON: send JSON.`);
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new RequestError(
        415,
        'UnsupportedMediaType',
        `${path} reads JSON only: send Content-Type application/json.`,
      );
    case 'FST_ERR_CTP_BODY_TOO_LARGE': {
      const limit = request.routeOptions.bodyLimit;
      return new RequestError(413, 'BodyTooLarge', `The body sent to ${path} is over ${limit} bytes: send less.`);
    }
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new RequestError(400, 'InvalidUrl', 'The URL cannot be decoded: check its % escapes.');
    default:
      return null;
  }
}
