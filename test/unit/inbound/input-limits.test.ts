import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { RequestError } from '../../../shared/errors.ts';
import { nonBlank } from '../../../shared/inbound/input.ts';
import { parseBody } from '../../../shared/inbound/request-body.ts';
import { parseInput } from '../../../shared/inbound/request-input.ts';
import { createRequest } from './http-call.ts';

const schemas = {
  path: z.object({}),
  query: z.strictObject({}),
  allowUnknownQuery: false,
  body: z.strictObject({ comment: nonBlank, tags: z.optional(z.array(nonBlank)) }),
  hasTenant: false,
  isPage: false,
  takesIdempotencyKey: false,
};

/** The error for a body. */
function refusalOf(body: unknown): RequestError {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  try {
    parseInput(schemas, createRequest({ method: 'POST' }), parseBody(Buffer.from(text)));
  } catch (error) {
    assert.ok(error instanceof RequestError);
    return error;
  }
  return assert.fail('The body was accepted');
}

describe('parseInput', () => {
  it('reports at most 50 errors, with their total', () => {
    const unknown = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`m${index}`, 1]));
    const { errors, message } = refusalOf({ comment: 'x', ...unknown, m999: undefined });
    assert.equal(errors?.length, 50);
    assert.match(message, /; 999 errors in total\.$/);
    assert.ok(message.length < 1000);
  });

  it('shortens the name of an unknown member', () => {
    const { errors, message } = refusalOf({ comment: 'x', ['n'.repeat(500_000)]: 1 });
    assert.deepEqual([errors?.length, errors?.[0]?.name], [1, `/${'n'.repeat(199)}…`]);
    assert.ok(message.length < 1000);
  });

  for (const [name, body, pointer, detail] of [
    ['a list of more than 1000 items', { tags: Array(1001).fill('') }, '/tags', 'must have at most 1000 items'],
    [
      'an object of more than 1000 members',
      Object.fromEntries(Array(1001).fill(0).entries()),
      '',
      'must have at most 1000 items',
    ],
    ['a list of 300,000 mistakes', { tags: Array(300_000).fill('') }, '/tags', 'must have at most 1000 items'],
    [
      'a body that is nested deeply',
      `{"comment":${'['.repeat(400_000)}${']'.repeat(400_000)}}`,
      `/comment${'/0'.repeat(31)}`,
      'must not be nested more than 32 levels deep',
    ],
  ] as const) {
    it(`reports one error for ${name}`, () => {
      const { errors } = refusalOf(body);
      assert.deepEqual(errors, [{ in: 'body', name: pointer, detail }]);
    });
  }
});
