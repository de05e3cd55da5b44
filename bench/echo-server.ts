/** A bare fastify server over HTTPS: parses every body, and answers the bytes that POST /answer gave it last. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fastify } from 'fastify';

const { values } = parseArgs({ options: { 'tls-cert': { type: 'string' }, 'tls-key': { type: 'string' } } });
const https = { cert: readFileSync(values['tls-cert'] ?? ''), key: readFileSync(values['tls-key'] ?? '') };
const app = fastify({ https, bodyLimit: 64 * 1024 * 1024, keepAliveTimeout: 120_000 });
let answer = '{}';

app.post('/answer', async (request) => {
  answer = JSON.stringify(request.body);
  return {};
});
app.post('/*', async (_request, reply) => reply.type('application/json').send(answer));
await app.listen({ host: '127.0.0.1', port: 0 });
const address = app.server.address();
console.error(JSON.stringify({ msg: 'serving', port: typeof address === 'object' ? address?.port : undefined }));
process.once('SIGTERM', () => app.close());
