import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';

export interface Client {
  /** The answer's body; anything but a 200 is an error. */
  post(port: number, path: string, body: string): Promise<string>;
  close(): Promise<void>;
}

/** Asks servers on 127.0.0.1 whose certificate the CA in this file has signed, over so many connections at the most. */
export function clientOf(ca: string, connections: number | null = null): Client {
  const dispatcher = new Agent({ connect: { ca: readFileSync(ca) }, connections });
  const headers = { 'content-type': 'application/json' };
  return {
    async post(port, path, body) {
      const answer = await request(`https://127.0.0.1:${port}${path}`, { method: 'POST', headers, body, dispatcher });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}: ${text}`);
      return text;
    },
    close: () => dispatcher.close(),
  };
}
