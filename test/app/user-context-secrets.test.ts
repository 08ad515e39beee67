import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json, parseJsonObject } from '../sandbox/exchange.ts';
import { breakConnection, cutBody, type Effect, replyWith } from '../sandbox/faults.ts';
import type { CallOptions, Reply } from './call.ts';
import { useApp } from './harness.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { administrator, faults, world } = cloud;
const { home } = world;
const tailspin = world.tenants[4];
assert.ok(tailspin);
const { call, host } = await useApp({ cloud });

const secrets = new Set<string>();
const replies: Reply[] = [];

/** A token is as good as known when its signature is: the rest can be guessed. */
function remember(token: string): string {
  for (const secret of [token, token.split('.').at(-1) ?? '']) if (secret.length > 8) secrets.add(secret);
  return token;
}

/** Remembers what goes to Entra and to Defender, and what comes back from Entra. */
const rememberTokens: Effect = async ({ headers, body }, answer) => {
  const reply = await answer();
  const answered = 'broken' in reply ? undefined : parseJsonObject(Buffer.from(reply.body).toString());
  const sent = [headers.authorization?.replace(/^Bearer /, ''), new URLSearchParams(body).get('assertion')];
  for (const secret of [...sent, answered?.access_token]) if (typeof secret === 'string') remember(secret);
  return reply;
};

/** Every operation with the same token, in the one header and in the other. */
async function callWith(token: string): Promise<void> {
  const options: CallOptions[] = [
    { headers: { authorization: `Bearer ${token}` } },
    { headers: { 'x-ms-token-aad-access-token': token } },
    { headers: { authorization: token } },
  ];
  const calls = options.flatMap((each) => [
    call('GET /incidents?top=2', each),
    call('GET /incidents?top=0', each),
    call(`GET /incidents?tenantId=${tailspin?.id}`, each),
    call('GET /incidents/1', each),
    call('PATCH /incidents/1', { ...each, json: { comment: 'x' } }),
    call('POST /hunting', { ...each, json: { query: 'AlertInfo | count' } }),
    call('POST /hunting', { ...each, json: { query: 'nonsense' } }),
    call('GET /health', each),
    call('GET /ping', each),
    call('GET /openapi.json', each),
  ]);
  replies.push(...(await Promise.all(calls)));
}

const newcomer = () => administrator.addUser(`${crypto.randomUUID()}@${home.domain}`);
const newToken = async () => remember(await cloud.signIn(newcomer()));

describe('after all kinds of calls and failures in user context', () => {
  it('no reply and no log line contains a user token or an exchanged one', async () => {
    faults.add({ effect: rememberTokens });
    await callWith(await newToken());
    const [user] = tailspin.users;
    for (const token of [
      await cloud.signIn(newcomer(), { expiresInSeconds: 0 }),
      await cloud.signIn(newcomer(), { audience: 'https://graph.microsoft.com' }),
      await cloud.signIn(user),
      `${await newToken()}forged`,
      await cloud.signInApp(),
      'opaque-but-secret',
    ]) {
      await callWith(remember(token));
    }

    const refusal = json(401, { error: { code: 'Unauthorized', message: 'No.', target: 'x' } });
    const effects = { entra: [breakConnection, cutBody], defenderXdr: [replyWith(refusal), cutBody] } as const;
    for (const service of ['entra', 'defenderXdr'] as const) {
      for (const effect of effects[service]) {
        const mend = faults.add({ service, effect });
        await callWith(await newToken());
        mend();
      }
    }

    const challenged = newcomer();
    administrator.requireInteraction(challenged);
    await callWith(remember(await cloud.signIn(challenged)));
    administrator.rotateSecret();
    await callWith(await newToken());
    administrator.revokeUserConsent();
    await callWith(await newToken());

    assert.ok(secrets.size > 40, `${secrets.size}`);
    assert.ok(host.logs.length > 40);
    assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200, 400, 401, 403, 404, 502, 503]));
    const written = replies.flatMap(({ text, headers }) => [text, ...[...headers].flat()]);
    for (const secret of secrets) {
      assert.ok(!written.some((text) => text.includes(secret)), `a reply holds ${secret}`);
      assert.ok(!host.logs.some((line) => line.includes(secret)), `the log holds ${secret}`);
    }
  });
});
