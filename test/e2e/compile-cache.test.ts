import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { outputDirectory } from '../../build.ts';

it('the built app writes a compile cache, unless it is turned off', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'compile-cache-'));
  t.after(() => rm(directory, { recursive: true }));
  const load = (settings: Record<string, string>) => {
    const environment = { ...process.env, NODE_COMPILE_CACHE: undefined, TMPDIR: directory, ...settings };
    const { status, stderr } = spawnSync(process.execPath, [join(outputDirectory, 'start.js')], { env: environment });
    assert.equal(status, 0, String(stderr));
    return readdir(directory);
  };
  assert.deepEqual(await load({ NODE_DISABLE_COMPILE_CACHE: '1' }), []);
  assert.deepEqual(await load({}), ['node-compile-cache']);
});
