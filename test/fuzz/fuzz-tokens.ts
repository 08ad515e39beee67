import { UnsecuredJWT } from 'jose';
import type { Cloud } from '../sandbox/cloud.ts';

/** Tokens that callers may try: valid ones of a user and an application, and forged, expired, foreign and malformed ones. */
export async function createTokens(cloud: Cloud): Promise<string[]> {
  const { home, tenants, application } = cloud.world;
  const [user] = home.users;
  const valid = await cloud.signIn(user);
  const [header = '', payload = '', signature = ''] = valid.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const rewrite = (changes: object) =>
    [header, Buffer.from(JSON.stringify({ ...claims, ...changes })).toString('base64url'), signature].join('.');
  return [
    valid,
    await cloud.signInApp(),
    await cloud.signIn(tenants[1]?.users[0] ?? user),
    await cloud.signIn(user, { expiresInSeconds: -1 }),
    await cloud.signIn(user, { audience: 'https://graph.microsoft.com' }),
    rewrite({ oid: crypto.randomUUID() }),
    rewrite({ scp: undefined, roles: ['Caller.ReadWrite'] }),
    rewrite({ tid: '__proto__', exp: 1e300 }),
    new UnsecuredJWT({ ...claims, aud: application.clientId }).encode(),
    `${header}.${payload}.`,
    `${header}.${'a'.repeat(9_000)}.${signature}`,
    'a.b.c',
    '...',
  ];
}
