import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { defineEntityEnums, normalizeEnums, toNormalizedJson } from '../../../shared/defender/entity-enums.ts';
import { determinations, incidentStatuses, severities } from '../../../shared/defender/enum-aliases.ts';

const enums = defineEntityEnums(
  { status: incidentStatuses, severity: severities, determination: determinations },
  'alerts',
);

/** Normalizes text, and reports whether the entity was serialized again. */
function normalize(text: string): { text: string; isRewritten: boolean } {
  const value = JSON.parse(text);
  const normalized = toNormalizedJson(enums, value, text);
  return { text: normalized, isRewritten: normalized === JSON.stringify(value) && !normalized.includes('\\u0041') };
}

describe('normalizeEnums', () => {
  test('rewrites enumerations of an entity and of its nested list in place', () => {
    const entity = { status: 'inProgress', severity: 'high', alerts: [{ determination: 'compromisedUser' }, null, 1] };
    normalizeEnums(enums, entity);
    const alerts = [{ determination: 'CompromisedAccount' }, null, 1];
    assert.deepEqual(entity, { status: 'InProgress', severity: 'High', alerts });
  });

  test('keeps unknown values, values that are not text, and other members', () => {
    const entity = { status: 'somethingNew', severity: null, determination: 7, serviceSource: 'microsoftSentinel' };
    const copy = { ...entity };
    normalizeEnums(enums, entity);
    assert.deepEqual(entity, copy);
  });
});

describe('toNormalizedJson', () => {
  test('returns canonical text unchanged', () => {
    const text = '{ "status" : "Active", "n": 1.0 }';
    assert.equal(normalize(text).text, text);
  });

  test('replaces values and keeps all other text', () => {
    const text = '{"n": 1.0,"status":"active","alerts":[{"determination":"insufficientData", "u":"\\u00fc"}]}';
    const expected =
      '{"n": 1.0,"status":"Active","alerts":[{"determination":"NoEnoughDataToValidate", "u":"\\u00fc"}]}';
    assert.equal(normalize(text).text, expected);
  });

  for (const [name, text] of [
    ['a member of the same name elsewhere', '{"status":"active","devices":[{"status":"active"}]}'],
    ['a repeated member', '{"status":"active","status":"active"}'],
    ['white space before a value', '{"status": "active"}'],
    ['a member whose name ends in the same way', '{"a\\"status":"active","status":"active"}'],
    ['an escaped value', '{"status":"\\u0061ctive"}'],
    ['an escaped member name', '{"\\u0073tatus":"active"}'],
  ] as const) {
    test(`serializes the entity again with ${name}`, () => assert.ok(normalize(text).isRewritten));
  }

  test('ignores text that looks like a member', () => {
    const text = '{"b":"\\"status\\":\\"new\\"","status":"new"}';
    assert.equal(normalize(text).text, text.replace(':"new"', ':"New"'));
  });

  test('has the meaning of the normalized entity for any entity', () => {
    const value = fc.oneof(fc.constantFrom('active', 'Active', 'high', 'notMalicious', 'x'), fc.jsonValue());
    const names = fc.constantFrom('status', 'severity', 'determination', 'a"status', 'name');
    const members = fc.dictionary(names, value);
    const entity = fc.tuple(members, fc.option(fc.array(members)), members);
    fc.assert(
      fc.property(entity, fc.constantFrom(undefined, 1), ([before, alerts, other], indent) => {
        const text = JSON.stringify({ ...before, ...(alerts && { alerts }), other }, undefined, indent);
        const expected = JSON.parse(text);
        normalizeEnums(enums, expected);
        assert.deepEqual(JSON.parse(toNormalizedJson(enums, JSON.parse(text), text)), expected);
      }),
    );
  });
});
