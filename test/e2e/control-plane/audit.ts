import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Whose reads are logged too: what of its rights packdown uses is to be seen. */
const PACKDOWN = 'system:serviceaccount:packdown-system:packdown';
const READS = ['get', 'list', 'watch'];
const UNTOLD = ['leases', 'events'];

/** One finished write, as kube-apiserver logs it (audit.k8s.io/v1 Event; only what tests read). */
export interface AuditEntry {
  verb: string;
  user: { username: string };
  userAgent?: string;
  requestURI: string;
  objectRef?: { apiGroup?: string; resource: string; subresource?: string; namespace?: string; name?: string };
  /** Present for pods and every `/scale`, but not for pods/status. */
  requestObject?: unknown;
  responseStatus?: { code: number; message?: string };
  /** A webhook's own are called `<webhook>/<key>`; `authorization.k8s.io/decision` is allow or forbid. */
  annotations?: Record<string, string>;
  /** RFC 3339, microseconds. */
  requestReceivedTimestamp: string;
  stageTimestamp: string;
}

const policy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  // A watch may outlive the apiserver: it is logged as it starts, too.
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'Metadata', users: [PACKDOWN], verbs: READS },
    {
      level: 'Metadata',
      users: [PACKDOWN],
      resources: [{ group: 'coordination.k8s.io' }, { group: '', resources: ['events'] }, { group: 'events.k8s.io' }],
    },
    { level: 'None', verbs: READS },
    {
      level: 'None',
      resources: [{ group: '', resources: ['events'] }, { group: 'events.k8s.io' }, { group: 'coordination.k8s.io' }],
    },
    { level: 'Metadata', resources: [{ group: '', resources: ['pods/status', 'nodes/status'] }] },
    {
      level: 'Request',
      resources: [
        { group: '', resources: ['pods', 'pods/*'] },
        { group: 'apps', resources: ['*/scale'] },
        { group: 'workload.serving.volcano.sh', resources: ['*/scale'] },
        { group: 'leaderworkerset.x-k8s.io', resources: ['*/scale'] },
      ],
    },
    { level: 'Metadata' },
  ],
};

/** Writes the audit policy of the tests and returns its path. */
export async function writeAuditPolicy(folder: string): Promise<string> {
  const path = join(folder, 'audit-policy.json');
  await writeFile(path, JSON.stringify(policy, undefined, 2));
  return path;
}

/** Every write that has been answered so far, oldest first; of Leases and events, none. */
export async function readAuditLog(file: string): Promise<AuditEntry[]> {
  return (await readEntries(file)).filter(
    ({ verb, objectRef }) => !READS.includes(verb) && !UNTOLD.includes(objectRef?.resource ?? ''),
  );
}

/** Every request of packdown's own, reads too, oldest first. */
export async function readOwnRequests(file: string): Promise<AuditEntry[]> {
  return (await readEntries(file)).filter(
    ({ user, userAgent }) => user.username === PACKDOWN && userAgent === 'packdown',
  );
}

async function readEntries(file: string): Promise<AuditEntry[]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  // What follows the last line break is empty, or a line that is still being written.
  return lines.slice(0, -1).map((line) => {
    const entry: AuditEntry = JSON.parse(line);
    return entry;
  });
}
