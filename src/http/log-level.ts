import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import type { Logger } from 'pino';
import { LOG_LEVELS } from '../config/log-levels.ts';
import { RequestError } from './problem.ts';

export const LOG_LEVEL_PATH = '/debug/flags/log-level';
/** Bytes: the longest level, and a line's end. */
const BODY_LIMIT = 16;

/**
 * `GET` tells the level of the log and `PUT`, with a level as its body, changes it for as long as the process lives:
 * what Kubernetes' own components have at /debug/flags/v. `onRequest` says who may.
 */
export function addLogLevel(app: FastifyInstance, log: Logger, onRequest: onRequestHookHandler): void {
  app.register(async (scope) => {
    // A level is no JSON, and curl calls a body a form.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, async (_request: unknown, body: string) => body);
    scope.get(LOG_LEVEL_PATH, { onRequest }, async () => `${log.level}\n`);
    scope.put(LOG_LEVEL_PATH, { onRequest, bodyLimit: BODY_LIMIT }, async ({ body }) => {
      const level = LOG_LEVELS.find((candidate) => candidate === String(body ?? '').trim());
      if (level === undefined) {
        throw new RequestError(400, 'InvalidLogLevel', `The log has no such level: send ${LOG_LEVELS.join(', ')}.`);
      }
      log.warn({ from: log.level, to: level }, 'the log level is changed until packdown ends');
      log.level = level;
      return `successfully set log-level to ${level}\n`;
    });
  });
}
