import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { determinations, serviceSources, severities } from '../../../shared/defender/enum-aliases.ts';
import { toGraphDeterminations, toGraphSpelling } from '../../../shared/defender/graph-enums.ts';

describe("Graph's spelling", () => {
  test('uses camelCase', () => {
    assert.equal(toGraphSpelling('InProgress'), 'inProgress');
    assert.equal(toGraphSpelling('Microsoft365Defender'), 'microsoft365Defender');
    assert.equal(toGraphSpelling('CompromisedAccount'), 'compromisedAccount');
  });

  test('differs for some values', () => {
    assert.equal(toGraphSpelling('UnSpecified'), 'unknown');
    assert.equal(toGraphSpelling('Clean'), 'notMalicious');
    assert.equal(toGraphSpelling('NoEnoughDataToValidate'), 'notEnoughDataToValidate');
  });

  test('converts back to the same value', () => {
    for (const spellings of [severities, serviceSources, determinations]) {
      for (const value of spellings.canonical) assert.equal(spellings.toCanonical(toGraphSpelling(value)), value);
    }
  });
});

test("toGraphDeterminations lists the spelling of Graph's metadata, then of its pages, then of Defender XDR", () => {
  assert.deepEqual(toGraphDeterminations('CompromisedAccount'), ['compromisedAccount', 'compromisedUser']);
  assert.deepEqual(toGraphDeterminations('Clean'), ['notMalicious', 'clean']);
  assert.deepEqual(toGraphDeterminations('NoEnoughDataToValidate'), [
    'notEnoughDataToValidate',
    'insufficientData',
    'noEnoughDataToValidate',
  ]);
  assert.deepEqual(toGraphDeterminations('Malware'), ['malware']);
});
