import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useApp } from './harness.ts';
import { assertProblem } from './replies.ts';

const unserved = crypto.randomUUID();

/** Each check with a request part that fails it, in the documented order. */
const checks = [
  { code: 'ReadOnly', status: 403 },
  { code: 'InvalidUserToken', status: 401, headers: { authorization: 'Bearer nonsense' } },
  { code: 'NotAcceptable', status: 406, headers: { accept: 'image/png' } },
  { code: 'RequestTooLarge', status: 413, body: 'x'.repeat(1024 * 1024 + 1) },
  { code: 'UnsupportedMediaType', status: 415, headers: { 'content-type': 'text/plain' } },
  { code: 'InvalidRequest', status: 400, query: 'nonsense=1' },
  { code: 'TenantNotAllowed', status: 403, query: `tenantId=${unserved}` },
] as const;

/** A request that fails this check and all later ones. */
function failingFrom(first: number) {
  const parts = checks.slice(first).toReversed();
  const headers = Object.assign(
    { 'content-type': 'application/json' },
    ...parts.map((part) => ('headers' in part ? part.headers : {})),
  );
  const bodies = parts.flatMap((part) => ('body' in part ? [part.body] : []));
  const query = parts.flatMap((part) => ('query' in part ? [part.query] : [])).join('&');
  return { headers, query, body: bodies[0] ?? '{"query":"AlertInfo | count"}' };
}

describe('a request that fails several checks', async () => {
  const { call, cloud } = await useApp();
  for (const [index, { code, status }] of checks.entries()) {
    // Hunting negotiates its format but changes nothing.
    if (code === 'ReadOnly') continue;
    it(`is ${status} ${code} before any later check`, async () => {
      const { query, ...options } = failingFrom(index);
      assertProblem(await call(`POST /hunting?${query}`, options), status, code);
      assert.deepEqual(cloud.calls.all, []);
    });
  }
});

describe('a change that fails several checks', async () => {
  const { call } = await useApp({ settings: { DEFENDER_READ_ONLY: 'true' } });
  it('is 403 ReadOnly before any later check', async () => {
    const { query, ...options } = failingFrom(1);
    assertProblem(await call(`PATCH /incidents/0?${query}`, options), 403, 'ReadOnly');
  });
});

describe('invalid settings', async () => {
  const { call } = await useApp({ settings: { DEFENDER_READ_ONLY: 'true', DEFENDER_CLIENT_ID: 'nonsense' } });
  it('are reported before any other check', async () => {
    const { query, ...options } = failingFrom(1);
    assertProblem(await call(`PATCH /incidents/0?${query}`, options), 500, 'InvalidConfiguration');
  });
});
