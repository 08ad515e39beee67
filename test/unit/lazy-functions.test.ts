import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { registrations } from '../../functions/registrations.ts';
import { surface } from '../../functions/surface.ts';

const source = await readFile(new URL('../../functions/surface.ts', import.meta.url), 'utf8');

describe('registrations', () => {
  it('load the declaration of the same name', async () => {
    for (const [name, { load }] of Object.entries(registrations)) {
      assert.equal(await load(), Object.entries(surface).find(([each]) => each === name)?.[1], name);
    }
  });
});

describe('surface.ts', () => {
  it('imports each function by name from one file, which the build relies on', () => {
    const imported = [...source.matchAll(/^import \{ (\w+) \} from '\.\/[a-z-]+\/[a-z-]+\.ts';$/gm)].map(
      ([, name]) => name,
    );
    assert.deepEqual(imported.sort(), Object.keys(surface).sort());
  });
});
