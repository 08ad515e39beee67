import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { parseJsonObject } from '../sandbox/exchange.ts';
import { breakConnection, cutBody, type Effect } from '../sandbox/faults.ts';
import { identityHeader } from '../sandbox/managed-identity.ts';
import type { Reply } from './call.ts';
import { startApp } from './harness.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { administrator, faults, world } = cloud;
const customerId = world.tenants[1]?.id ?? '';
const { call, host, stop } = await startApp({
  cloud,
  settings: { DEFENDER_TENANTS: customerId },
});
after(stop);

const secrets = new Set<string>([host.keys.function, host.keys.master, identityHeader]);
const replies: Reply[] = [];

/** Records every credential that crosses the wire, in both directions. */
const remember: Effect = async ({ headers, body }, answer) => {
  const bearer = headers.authorization?.replace(/^Bearer /, '');
  const reply = await answer();
  const answered = 'broken' in reply ? undefined : parseJsonObject(Buffer.from(reply.body).toString());
  for (const secret of [bearer, new URLSearchParams(body).get('client_secret'), answered?.access_token]) {
    if (typeof secret === 'string') secrets.add(secret);
  }
  return reply;
};

const literal = 'wolf-in-the-henhouse@contoso.com';
const query = `EmailEvents | where RecipientEmailAddress == "${literal}" | count`;

/** Calls everything there is to call, with the key in the header and in the address. */
async function callEverything(): Promise<void> {
  const key = encodeURIComponent(host.keys.function);
  replies.push(
    ...(await Promise.all([
      call('GET /incidents?top=2'),
      call(`GET /incidents?top=2&code=${key}`, { withKey: false }),
      call(`GET /incidents?top=0&code=${key}`, { withKey: false }),
      call(`GET /incidents?top=2&tenantId=${customerId}`),
      call('GET /incidents/1'),
      call('PATCH /incidents/1', { json: { comment: literal } }),
      call('POST /hunting', { json: { query } }),
      call('POST /hunting', { json: { query: `${query} | nonsense` } }),
      call('POST /hunting', { json: { query, [literal]: 1 } }),
      call('GET /health'),
      call('GET /openapi.json', { withKey: false }),
      call('GET /incidents', { headers: { 'x-functions-key': 'wrong' }, withKey: false }),
    ])),
  );
  await host.runFunction('checkCredentials');
}

describe('after all kinds of calls and failures', () => {
  it('no reply and no log line contains a secret, token, key or hunting query', async () => {
    faults.add({ effect: remember });
    await callEverything();
    for (const service of ['managedIdentity', 'keyVault', 'entra', 'defenderXdr', 'graph'] as const) {
      await host.restart();
      const remove = faults.add({ service, effect: cutBody });
      await callEverything();
      remove();
    }
    const mend = faults.add({ service: 'graph', effect: breakConnection });
    await callEverything();
    mend();
    administrator.rotateSecret();
    await callEverything();
    administrator.revokeAllRoles();
    administrator.expireSecret();
    await host.restart();
    await callEverything();

    assert.ok(secrets.size > 20, `${secrets.size}`);
    assert.ok(host.logs.length > 20);
    const written = replies.flatMap(({ text, headers }) => [text, ...[...headers].flat()]).map(decode);
    const lines = host.logs.map(decode);
    for (const secret of secrets) {
      assert.ok(!written.some((text) => text.includes(secret)), `a reply holds ${secret}`);
      const line = lines.find((each) => each.includes(secret));
      assert.ok(line === undefined, `the log holds ${secret}: ${line}`);
    }
    assert.deepEqual(
      lines.filter((line) => line.includes(literal)),
      [],
    );
  });
});

function decode(text: string): string {
  return text.includes('%') ? text.replaceAll(/%[0-9A-F]{2}/gi, decodeURIComponent) : text;
}
