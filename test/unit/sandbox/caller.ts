import assert from 'node:assert/strict';
import { type Cloud, type CloudOptions, createCloud } from '../../sandbox/cloud.ts';
import { identityHeader } from '../../sandbox/managed-identity.ts';
import { onBehalfOfGrant } from '../../sandbox/on-behalf-of.ts';
import type { User } from '../../sandbox/user.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Noon, so that what was made in the last hours is of the same day. */
export const startedAt = Date.parse('2026-11-20T12:00:00Z');

/** A cloud with a clock that the test moves, and the requests that a client would send to it. */
export function createCaller(options: Omit<CloudOptions, 'now'> = {}) {
  let at = startedAt;
  const cloud = createCloud({ ...options, now: () => at });
  async function tokenFor(host: string, tenant = cloud.world.home.id): Promise<string> {
    const { body } = await requestToken(cloud, { scope: `https://${host}/.default` }, tenant);
    return read<string>(body, 'access_token');
  }

  async function callWith(token: string, method: string, url: string, body?: unknown): Promise<Reply> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return send(cloud, method, url, headers, body === undefined ? '' : JSON.stringify(body));
  }

  function identityToken(resource: string, parameters = ''): Promise<Reply> {
    const url = `http://127.0.0.1:41932/msi/token?api-version=2019-08-01&resource=${resource}${parameters}`;
    return send(cloud, 'GET', url, { 'x-identity-header': identityHeader });
  }

  /** The newest version of a secret, as the system-assigned identity reads it. */
  async function readSecret(name: string): Promise<unknown> {
    const { body } = await identityToken('https://vault.azure.net');
    const authorization = `Bearer ${read<string>(body, 'access_token')}`;
    const url = `https://contoso-defender.vault.azure.net/secrets/${name}?api-version=2025-07-01`;
    return (await send(cloud, 'GET', url, { authorization })).body;
  }

  /** Exchanges a token for the app, as the app would in a tenant. */
  function exchange(assertion: string, changes: Record<string, string | undefined> = {}, tenant?: string) {
    const grant = { grant_type: onBehalfOfGrant, requested_token_use: 'on_behalf_of', assertion };
    return requestToken(cloud, { ...grant, ...changes }, tenant ?? cloud.world.home.id);
  }

  return {
    cloud,
    exchange,
    advance(ms: number): void {
      at += ms;
    },
    send: (method: string, url: string, headers?: Record<string, string>, body?: string) =>
      send(cloud, method, url, headers, body),
    identityToken,
    readSecret,
    requestToken: (changes: Record<string, string | undefined> = {}, tenant = cloud.world.home.id) =>
      requestToken(cloud, changes, tenant),
    tokenFor,
    /** Calls an API as the application in a tenant. */
    async call(method: string, url: string, body?: unknown, tenant?: string): Promise<Reply> {
      return callWith(await tokenFor(new URL(url).hostname, tenant), method, url, body);
    },
    /** Calls an API as a user who has signed in to the application. */
    async callAs(user: User, method: string, url: string, body?: unknown): Promise<Reply> {
      const scope = `https://${new URL(url).hostname}/.default`;
      const token = await exchange(await cloud.signIn(user), { scope }, user.tenantId);
      assert.equal(token.status, 200);
      return callWith(read(token.body, 'access_token'), method, url, body);
    },
  };
}

async function requestToken(cloud: Cloud, changes: Record<string, string | undefined>, tenant: string): Promise<Reply> {
  const { application } = cloud.world;
  const members = {
    grant_type: 'client_credentials',
    client_id: application.clientId,
    client_secret: application.secrets[0]?.value,
    scope: 'https://api.security.microsoft.com/.default',
    ...changes,
  };
  const present = Object.entries(members).filter((member): member is [string, string] => member[1] !== undefined);
  return send(
    cloud,
    'POST',
    `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
    { 'content-type': 'application/x-www-form-urlencoded' },
    new URLSearchParams(present).toString(),
  );
}

async function send(
  cloud: Cloud,
  method: string,
  url: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<Reply> {
  const reply = await cloud.handle({ method, url, headers, body });
  assert.ok(!('broken' in reply), 'the connection broke');
  const text = Buffer.from(reply.body).toString();
  return { status: reply.status, headers: reply.headers, body: text === '' ? undefined : JSON.parse(text) };
}

/** A member deep inside a JSON value, as the type that the test says it is. */
export function read<T>(value: unknown, ...path: readonly (string | number)[]): T {
  const found = path.reduce<unknown>((inner, name) => Object(inner)[name], value);
  return found as T;
}
