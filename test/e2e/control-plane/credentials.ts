import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Bearer tokens of the static users. The two Kubernetes components have the rights of RBAC's bootstrap roles only. */
export type Tokens = Record<'admin' | 'kube-controller-manager' | 'kube-scheduler' | 'kwok', string>;

export interface Credentials {
  tokens: Tokens;
  /** For `--token-auth-file`. */
  tokenFile: string;
  /** A private key in PEM: signs and checks the tokens of service accounts. */
  serviceAccountKeyFile: string;
}

/** Draws new credentials, good for one control plane, and writes them into the folder. */
export async function writeCredentials(folder: string): Promise<Credentials> {
  const draw = () => randomBytes(24).toString('base64url');
  const tokens: Tokens = { admin: draw(), 'kube-controller-manager': draw(), 'kube-scheduler': draw(), kwok: draw() };
  const lines = [
    `${tokens.admin},admin,admin,system:masters`,
    `${tokens.kwok},kwok,kwok,system:masters`,
    `${tokens['kube-controller-manager']},system:kube-controller-manager,kube-controller-manager`,
    `${tokens['kube-scheduler']},system:kube-scheduler,kube-scheduler`,
  ];
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const tokenFile = join(folder, 'tokens.csv');
  const serviceAccountKeyFile = join(folder, 'service-account.pem');
  await Promise.all([
    writeFile(tokenFile, `${lines.join('\n')}\n`, { mode: 0o600 }),
    writeFile(serviceAccountKeyFile, privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 }),
  ]);
  return { tokens, tokenFile, serviceAccountKeyFile };
}
