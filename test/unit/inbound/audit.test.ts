import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { RequestError } from '../../../shared/errors.ts';
import { endpoint } from '../../../shared/inbound/endpoint.ts';
import { json } from '../../../shared/inbound/reply.ts';
import type { Observation } from '../../../shared/outbound/observation.ts';
import { createServices } from '../../../shared/services.ts';
import { clientId, homeTenantId, settings } from '../settings.ts';
import { call, createPost, createTestApp } from './http-call.ts';

const userId = 'aaaaaaaa-1111-4222-8333-444444444444';
const applicationId = 'bbbbbbbb-1111-4222-8333-444444444444';

/** A change that fails when its comment says so. */
const change = endpoint({
  route: 'POST things',
  summary: 'x',
  changesDefender: true,
  body: z.strictObject({ comment: z.string() }),
  reply: json(z.unknown()),
  handle({ body }) {
    if (body.comment === 'fail') throw new RequestError(404, 'NotFound', 'Not found.');
    return body;
  },
});

const read = endpoint({ route: 'GET things', summary: 'x', reply: json(z.unknown()), handle: () => 'read' });

/** The observations of one call. */
async function observe(given: typeof change, comment: string, headers: Record<string, string> = {}) {
  const observations: Observation[] = [];
  const app = createTestApp();
  const { httpClient, clock } = app;
  const observed = createServices({
    httpClient,
    callbackClient: httpClient,
    clock,
    environment: settings,
    random: () => 0.5,
    observe: (observation) => observations.push(observation),
  });
  const request = createPost({ comment }, { headers: { 'content-type': 'application/json', ...headers } });
  await call(given, request, { ...app, openServices: () => observed });
  return observations;
}

function bearer(claims: Record<string, unknown>): Record<string, string> {
  const token = { aud: clientId, tid: homeTenantId, exp: Date.parse('2027-01-01') / 1000, ...claims };
  return { authorization: `Bearer e30.${Buffer.from(JSON.stringify(token)).toString('base64url')}.signature` };
}

describe('the audit of a write', () => {
  const byKey = { operation: 'test', tenantId: homeTenantId, caller: 'functionKey' };

  it('reports start and end without content', async () => {
    assert.deepEqual(await observe(change, 'A comment.'), [
      { name: 'WriteStarted', ...byKey },
      { name: 'WriteEnded', ...byKey, result: 'succeeded', durationMs: 0 },
    ]);
  });

  it('reports a failure with its problem code', async () => {
    assert.deepEqual((await observe(change, 'fail')).at(-1), {
      name: 'WriteEnded',
      ...byKey,
      result: 'NotFound',
      durationMs: 0,
    });
  });

  it('names the user or the application of the token', async () => {
    for (const [claims, who] of [
      [
        { scp: 'x', oid: userId, appid: applicationId },
        { caller: 'user', callerId: userId },
      ],
      [{ appid: applicationId }, { caller: 'application', callerId: applicationId }],
      [{ azp: applicationId }, { caller: 'application', callerId: applicationId }],
      [{ appid: 'no id' }, { caller: 'functionKey' }],
    ] as const) {
      assert.partialDeepStrictEqual((await observe(change, 'x', bearer(claims)))[0], { name: 'WriteStarted', ...who });
    }
  });

  it('does not report a read', async () => assert.deepEqual(await observe(read, 'x'), []));
});
