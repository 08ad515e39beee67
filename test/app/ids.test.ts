import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus } from './replies.ts';

const { call } = await useApp({ hasStorage: true });

const guid = crypto.randomUUID();
const machineId = 'a'.repeat(40);
const isolate = { type: 'isolate', comment: 'x' };

/** Operations on one entity, with the id of an entity that does not exist. */
const operations: readonly [request: `${string} ${string}`, id: string, json?: unknown][] = [
  ['GET /incidents/{id}', '999999999'],
  ['PATCH /incidents/{id}', '999999999', { tags: ['x'] }],
  ['GET /alerts/{id}', 'da-unknown'],
  ['PATCH /alerts/{id}', 'da-unknown', { status: 'Resolved' }],
  ['GET /hunting/{id}', 'a'.repeat(32)],
  ['GET /machines/{id}', machineId],
  ['POST /machines/{id}/actions', machineId, isolate],
  ['GET /machine-actions/{id}', guid],
  ['GET /machine-actions/{id}/package', guid],
  ['DELETE /indicators/{id}', '999999999'],
  ['GET /subscriptions/{id}', guid],
  ['DELETE /subscriptions/{id}', guid],
  ['GET /subscriptions/{id}/dead-letters', guid],
  ['POST /subscriptions/{id}/dead-letters', guid],
  ['GET /hunts/{id}', guid],
  ['DELETE /hunts/{id}', guid],
  ['DELETE /tenants/{id}', guid],
  ['GET /callers/{id}', guid],
  ['DELETE /callers/{id}', guid],
];
const withId = (request: string, id: string) =>
  request.replace('{id}', encodeURIComponent(id)) as `${string} ${string}`;

describe('an id', () => {
  for (const [request, unknown, json] of operations) {
    const expected = request.startsWith('DELETE') ? 204 : 404;
    it(`returns ${expected} if it is unknown: ${request}`, async () => {
      const reply = await call(withId(request, unknown), json === undefined ? {} : { json });
      if (expected === 204) assertStatus(reply, 204);
      else assertProblem(reply, 404, 'NotFound');
    });

    it(`returns 400 if it is malformed: ${request}`, async () => {
      for (const malformed of [' ', '../x', 'a/b', '*', 'ü', `${unknown}/`, "' or 1 eq 1"]) {
        const reply = await call(withId(request, malformed), json === undefined ? {} : { json });
        const { errors } = assertProblem(reply, 400, 'InvalidRequest');
        assert.deepEqual(
          errors?.map((error) => error.in),
          ['path'],
          malformed,
        );
      }
    });
  }

  it('has no operation that is not tested here', async () => {
    const document = (await call('GET /openapi.json')).json as { paths: Record<string, Record<string, unknown>> };
    const declared = Object.entries(document.paths)
      .filter(([path]) => path.includes('{'))
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
      .map((request) => request.replace(/\{\w+\}/, '{id}'))
      // An upsert: any caller may be granted tenants.
      .filter((request) => request !== 'PUT /callers/{id}');
    assert.deepEqual(declared.sort(), operations.map(([request]) => request).sort());
  });
});
