import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as z from 'zod/mini';
import { determinations } from '../../../../shared/defender/enum-aliases.ts';
import type { Json } from '../../../../shared/inbound/documents/open-api-document.ts';
import { createSchemaWriter } from '../../../../shared/inbound/documents/schema-writer.ts';
import { commaList, incidentId, instant, nonBlank, oneOf, pageSize } from '../../../../shared/inbound/input.ts';
import { withDescription } from '../../../../shared/schema.ts';

function write(schema: z.core.$ZodType, io: 'input' | 'output' = 'output') {
  const components: Record<string, Json> = {};
  return { written: createSchemaWriter(components)(schema, io), components };
}

const thing = z.object({ name: z.string() }).register(z.globalRegistry, { id: 'SchemaWriterTestThing' });

describe('createSchemaWriter with a schema that has an id', () => {
  const reference = { $ref: '#/components/schemas/SchemaWriterTestThing' };

  test('writes it to components once and references it', () => {
    const { written, components } = write(z.object({ one: thing, many: z.array(thing) }));
    assert.deepEqual(written.properties, { one: reference, many: { type: 'array', items: reference } });
    assert.deepEqual(Object.keys(components), ['SchemaWriterTestThing']);
    assert.deepEqual(components.SchemaWriterTestThing?.properties, { name: { type: 'string' } });
    assert.ok(!('id' in (components.SchemaWriterTestThing ?? {})));
  });

  test('references it at the top level too', () => {
    const { written, components } = write(thing);
    assert.deepEqual(written, reference);
    assert.deepEqual(Object.keys(components), ['SchemaWriterTestThing']);
  });
});

test('createSchemaWriter keeps members named like keywords of JSON Schema', () => {
  const shape = { id: z.string(), minimum: z.string(), maximum: z.string(), pattern: z.string(), type: z.string() };
  const { written } = write(z.object(shape));
  assert.deepEqual(Object.keys(written.properties ?? {}).sort(), Object.keys(shape).sort());
});

test('createSchemaWriter omits the bounds of safe integers', () => {
  assert.deepEqual(write(z.int()).written, { type: 'integer' });
  assert.deepEqual(write(z.int().check(z.minimum(1), z.maximum(9))).written, {
    type: 'integer',
    minimum: 1,
    maximum: 9,
  });
});

describe('createSchemaWriter with a value that is parsed from text', () => {
  test('writes an instant as date-time', () =>
    assert.deepEqual(write(instant, 'input').written, { type: 'string', format: 'date-time' }));

  test('writes a page size with limits and default', () => {
    assert.deepEqual(write(pageSize, 'input').written, { type: 'integer', minimum: 1, maximum: 1000, default: 100 });
  });

  test('writes an id as integer', () =>
    assert.deepEqual(write(incidentId, 'input').written, { type: 'integer', format: 'int64' }));

  test('writes an enumeration with its canonical spellings', () => {
    const { written } = write(oneOf(determinations), 'input');
    assert.deepEqual([written.type, written.enum], ['string', determinations.canonical]);
  });

  test('writes a comma list as array', () => {
    const { written } = write(commaList(oneOf(determinations)), 'input');
    assert.deepEqual(written, { type: 'array', items: { type: 'string', enum: determinations.canonical } });
  });
});

test('createSchemaWriter describes the member, not every use of its schema', () => {
  const { written } = write(
    z.object({ query: withDescription(nonBlank, 'A query'), comment: withDescription(nonBlank, 'A comment') }),
  );
  assert.deepEqual(written.properties, {
    query: { type: 'string', maxLength: 256, pattern: '\\S', description: 'A query' },
    comment: { type: 'string', maxLength: 256, pattern: '\\S', description: 'A comment' },
  });
});
