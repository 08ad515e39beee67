import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAccessKeys, isAllowed, keyOf, levelOf } from '../../host/access-keys.ts';

const keys = { master: 'm', function: 'f' };

describe('access keys', () => {
  it('open what the level asks for: the function key functions, the master key everything', () => {
    const allowed = (key: string | undefined) =>
      (['anonymous', 'function', 'admin'] as const).filter((level) => isAllowed(levelOf(key, keys), level));
    assert.deepEqual(allowed(undefined), ['anonymous']);
    assert.deepEqual(allowed('wrong'), ['anonymous']);
    assert.deepEqual(allowed('f'), ['anonymous', 'function']);
    assert.deepEqual(allowed('m'), ['anonymous', 'function', 'admin']);
  });

  it('are taken from the header before the query, even if that one is wrong', () => {
    assert.equal(keyOf({ 'x-functions-key': 'wrong' }, { code: 'f' }), 'wrong');
    assert.equal(keyOf({}, { code: 'f' }), 'f');
  });

  it('are made where none are given', () => {
    const made = createAccessKeys({ function: 'f' });
    assert.equal(made.function, 'f');
    assert.ok(made.master.length > 40);
  });
});
