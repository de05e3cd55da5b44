import { appendFile, readFile } from 'node:fs/promises';
import { readOwnRequests } from './audit.ts';

/** What packdown asked of the apiserver. */
export interface UsedRight {
  verb: string;
  /** `group/resource` or `group/resource/subresource`. */
  resource: string;
  /** Of the one object that it was about; null for all of a kind, and for what was still to be created. */
  name: string | null;
  /** What RBAC said. */
  allowed: boolean;
}

/** The file in which all tests of one run note what packdown has used: `E2E_USED_RIGHTS`. */
const notes = process.env.E2E_USED_RIGHTS;

/** From when an apiserver is started again until it is ready, in milliseconds since the epoch. */
export interface Starting {
  readonly from: number;
  readonly until: number;
}

/**
 * Adds to the notes what the audit log shows of packdown, each kind of request once. An apiserver that is starting says
 * no to everything until it has read the roles: that is not noted.
 */
export async function noteUsedRights(auditLogFile: string, starts: readonly Starting[]): Promise<void> {
  if (notes === undefined) return;
  const answered = (await readOwnRequests(auditLogFile)).filter(({ requestReceivedTimestamp }) => {
    const at = Date.parse(requestReceivedTimestamp);
    return !starts.some(({ from, until }) => from <= at && at <= until);
  });
  const used = answered.flatMap(({ verb, objectRef, annotations = {} }): UsedRight[] => {
    if (objectRef === undefined) return [];
    const { apiGroup = '', resource, subresource, name = null } = objectRef;
    return [
      {
        verb,
        resource: [apiGroup, resource, ...(subresource === undefined ? [] : [subresource])].join('/'),
        name: verb !== 'create' && namedKinds.includes(resource) ? name : null,
        allowed: annotations['authorization.k8s.io/decision'] === 'allow',
      },
    ];
  });
  const lines = new Set(used.map((right) => `${JSON.stringify(right)}\n`));
  await appendFile(notes, [...lines].join(''));
}

/** Kinds of which packdown's roles name single objects: of the others there may be thousands. */
const namedKinds = [
  'leases',
  'configmaps',
  'secrets',
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
];

/** What was noted by all tests of this run; null where nothing is. */
export async function readUsedRights(): Promise<UsedRight[] | null> {
  if (notes === undefined) return null;
  const lines = (await readFile(notes, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const right: UsedRight = JSON.parse(line);
    return right;
  });
}
