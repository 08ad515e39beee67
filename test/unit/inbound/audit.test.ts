import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { RequestError } from '../../../shared/errors.ts';
import { endpoint } from '../../../shared/inbound/endpoint.ts';
import { json } from '../../../shared/inbound/reply.ts';
import type { Observation } from '../../../shared/outbound/observation.ts';
import { createServices } from '../../../shared/services.ts';
import { createFakeClock } from '../fake-clock.ts';
import { homeTenantId, settings } from '../settings.ts';
import {
  applicationClaims,
  applicationObjectId,
  createTestKey,
  signed,
  toKeysReply,
  userClaims,
  userId,
} from '../tokens/test-issuer.ts';
import { call, createPost, createTestApp } from './http-call.ts';

const key = createTestKey('key-1');

/** A change that fails when its comment says so. */
const change = endpoint({
  route: 'POST things',
  summary: 'x',
  role: 'Incident.Read',
  changesDefender: true,
  body: z.strictObject({ comment: z.string() }),
  reply: json(z.unknown()),
  handle({ body }) {
    if (body.comment === 'fail') throw new RequestError(404, 'NotFound', 'Not found.');
    return body;
  },
});

const read = endpoint({
  route: 'GET things',
  summary: 'x',
  role: 'Incident.Read',
  reply: json(z.unknown()),
  handle: () => 'read',
});

/** The observations of one call. */
async function observe(given: typeof change, comment: string, headers: Record<string, string> = {}) {
  const observations: Observation[] = [];
  const app = createTestApp();
  const { httpClient, clock } = app;
  if (headers.authorization !== undefined) httpClient.queue(toKeysReply(key));
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

  it('names the user or the application of the validated token', async () => {
    const now = createFakeClock().now();
    for (const [claims, caller, callerId] of [
      [userClaims(now), 'user', userId],
      [applicationClaims(now), 'application', applicationObjectId],
    ] as const) {
      const headers = { authorization: `Bearer ${await signed(key, claims)}` };
      assert.partialDeepStrictEqual((await observe(change, 'x', headers))[0], {
        name: 'WriteStarted',
        caller,
        callerId,
      });
    }
  });

  it('does not report a read', async () => assert.deepEqual(await observe(read, 'x'), []));
});
