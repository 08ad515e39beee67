import { randomBytes } from 'node:crypto';

export type AuthLevel = 'anonymous' | 'function' | 'admin';

/** The keys of the app. The function key is a host key: it allows every function. */
export interface AccessKeys {
  readonly master: string;
  readonly function: string;
}

export function createAccessKeys(given: Partial<AccessKeys> = {}): AccessKeys {
  return { master: given.master ?? createKey(), function: given.function ?? createKey() };
}

function createKey(): string {
  return randomBytes(40).toString('base64url');
}

/** The key of a request: the header beats `?code=`, even if the header's is wrong. */
export function keyOf(
  headers: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string>>,
): string | undefined {
  return headers['x-functions-key'] ?? query.code;
}

/** What a key allows. */
export function levelOf(key: string | undefined, keys: AccessKeys): AuthLevel {
  if (key === keys.master) return 'admin';
  return key === keys.function ? 'function' : 'anonymous';
}

export function isAllowed(level: AuthLevel, required: AuthLevel): boolean {
  return required === 'anonymous' || level === 'admin' || level === required;
}
