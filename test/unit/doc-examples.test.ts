import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { generateClient } from '../client/generate-client.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

const readExample = async (page: string): Promise<string> => {
  const markdown = await readFile(join(root, page), 'utf8');
  return /```ts\n(.*?)```/s.exec(markdown)?.[1] ?? assert.fail(`${page} has no TypeScript example`);
};

/** Type-checks files in a folder from which the packages of the repository can be imported. */
async function check(files: Record<string, string>): Promise<string> {
  const cache = join(root, 'node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(join(cache, 'examples-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2024', '--module', 'nodenext'];
    const more = ['--allowImportingTsExtensions', '--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    const paths = Object.keys(files).map((name) => join(directory, name));
    const tsc = join(root, 'node_modules/.bin/tsc');
    return await run(tsc, ['--ignoreConfig', ...options, ...more, ...paths]).then(
      () => '',
      ({ stdout }) => String(stdout),
    );
  } finally {
    await rm(directory, { recursive: true });
  }
}

describe('the TypeScript examples of the documentation', () => {
  it('compile with the generated client (docs/typed-client.md)', async () => {
    const example = await readExample('docs/typed-client.md');
    assert.equal(await check({ 'defender.ts': await generateClient(), 'example.mts': example }), '');
  });

  it('compile with the app (CONTRIBUTING.md)', async () => {
    const example = await readExample('CONTRIBUTING.md');
    assert.equal(await check({ 'example.mts': example.replaceAll("'../../", `'${root}/`) }), '');
  });
});
