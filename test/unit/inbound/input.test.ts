import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type * as z from 'zod/mini';
import { determinations, incidentStatuses, severities } from '../../../shared/defender/enum-aliases.ts';
import {
  alertId,
  commaList,
  incidentId,
  instant,
  nonBlank,
  oneOf,
  pageSize,
  someOf,
} from '../../../shared/inbound/input.ts';

/** The parsed input; undefined if it is invalid. */
const read = (schema: z.ZodMiniType, input: unknown): unknown => schema.safeParse(input).data;

describe('instant', () => {
  it('converts every offset to UTC', () => {
    assert.equal(read(instant, '2026-11-20T09:30:00Z'), '2026-11-20T09:30:00Z');
    assert.equal(read(instant, '2026-11-20T09:30:00+02:00'), '2026-11-20T07:30:00Z');
    assert.equal(read(instant, '2026-11-20T23:30:00-05:30'), '2026-11-21T05:00:00Z');
    assert.equal(read(instant, '2026-11-20t09:30:00z'), '2026-11-20T09:30:00Z');
  });

  it('keeps up to seven fractional digits', () => {
    assert.equal(read(instant, '2026-11-20T09:30:00.1234567Z'), '2026-11-20T09:30:00.1234567Z');
    assert.equal(read(instant, '2026-11-20T09:30:00.9999999+02:00'), '2026-11-20T07:30:00.9999999Z');
    assert.equal(read(instant, '2026-11-20T09:30:00.12345678Z'), undefined);
  });

  it('accepts a time without seconds', () => assert.equal(read(instant, '2026-11-20T09:30Z'), '2026-11-20T09:30:00Z'));

  it('reads a blank as an unencoded plus', () => {
    assert.equal(read(instant, '2026-11-20T09:30:00 02:00'), '2026-11-20T07:30:00Z');
  });

  it('rejects a time without an offset', () => {
    assert.equal(read(instant, '2026-11-20T09:30:00'), undefined);
    assert.equal(read(instant, '2026-11-20'), undefined);
  });

  it('rejects dates and times that do not exist', () => {
    assert.equal(read(instant, '2028-02-29T00:00:00Z'), '2028-02-29T00:00:00Z');
    for (const wrong of [
      '2026-02-30T00:00:00Z',
      '2026-02-29T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-11-20T25:00:00Z',
      '2026-11-20T09:61:00Z',
      '2026-11-20T09:30:00+99:00',
      'yesterday',
      '2026-11-20T09:30:00Z or 1 eq 1',
    ]) {
      assert.equal(read(instant, wrong), undefined, wrong);
    }
  });
});

describe('pageSize', () => {
  it('defaults to 100', () => assert.equal(read(pageSize, undefined), 100));

  it('accepts whole numbers from 1 to 1000', () => {
    for (const size of [1, 99, 100, 999, 1000]) assert.equal(read(pageSize, String(size)), size);
    for (const wrong of ['0', '1001', '-1', '1.5', '1e2', '010', 'all', '']) {
      assert.equal(read(pageSize, wrong), undefined, wrong);
    }
  });
});

describe('incidentId', () => {
  it('parses a number', () => assert.equal(read(incidentId, '924565'), 924565));

  it('rejects anything else', () => {
    for (const wrong of ['0', '-1', '1.0', '007', '1/../2', 'abc', '1234567890123456']) {
      assert.equal(read(incidentId, wrong), undefined, wrong);
    }
  });
});

describe('alertId', () => {
  it('accepts the ids of every product', () => {
    for (const id of [
      'da637551227677560813_-961444813',
      'fa0f5b4a1c-9c3d-4e2f-a6c8-0d1e2f3a4b5c_1',
      '6f1c2d3e-0a4b-4c5d-8e6f-7a8b9c0d1e2f',
      'a'.repeat(256),
    ]) {
      assert.equal(read(alertId, id), id);
    }
  });

  it('rejects anything that changes the path', () => {
    for (const wrong of [
      '',
      ' ',
      '.',
      '..',
      '../incidents',
      'a/b',
      'a\\b',
      'a%2Fb',
      'a?b',
      'a#b',
      'ä',
      'a b',
      'a\n',
      'a'.repeat(257),
    ]) {
      assert.equal(read(alertId, wrong), undefined, wrong);
    }
  });
});

describe('oneOf', () => {
  it('converts any case to the canonical spelling', () => {
    for (const given of ['InProgress', 'inProgress', 'INPROGRESS']) {
      assert.equal(read(oneOf(incidentStatuses), given), 'InProgress');
    }
  });

  it('accepts every published spelling', () => {
    for (const given of ['NoEnoughDataToValidate', 'insufficientData', 'notEnoughDataToValidate']) {
      assert.equal(read(oneOf(determinations), given), 'NoEnoughDataToValidate');
    }
  });

  it('accepts a subset of the values, which its error lists', () => {
    const schema = oneOf(severities, ['Low', 'High']);
    assert.equal(read(schema, 'high'), 'High');
    assert.match(schema.safeParse('medium').error?.issues[0]?.message ?? '', /must be one of Low, High$/);
  });
});

describe('commaList', () => {
  const statuses = commaList(oneOf(incidentStatuses));

  it('validates each trimmed item', () => {
    assert.deepEqual(read(statuses, 'active, Resolved ,NEW'), ['Active', 'Resolved', 'New']);
  });

  it('rejects an invalid or empty item', () => {
    for (const wrong of ['active,closed', 'active,', ',', 'active,,new'])
      assert.equal(read(statuses, wrong), undefined, wrong);
  });
});

describe('someOf', () => {
  const body = someOf({ status: oneOf(incidentStatuses), comment: nonBlank });

  it('accepts any of the members', () => {
    assert.deepEqual(read(body, { status: 'active' }), { status: 'Active' });
    assert.deepEqual(read(body, { status: 'active', comment: 'Seen' }), { status: 'Active', comment: 'Seen' });
  });

  it('requires at least one member', () => {
    assert.match(body.safeParse({}).error?.issues[0]?.message ?? '', /at least one of status, comment/);
  });

  it('rejects anything else', () => {
    for (const wrong of [{ status: 'active', stats: 1 }, { comment: ' ' }, { status: null }, [], null, 'active']) {
      assert.equal(read(body, wrong), undefined);
    }
  });
});
