import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { build } from 'esbuild';
import { createReplacer, type Replacement } from '../../bundle-plugins.ts';

const unused: Replacement = { filter: /[\\/]moved-by-an-update\.js$/, contents: '' };
const clock: Replacement = { filter: /[\\/]clock\.ts$/, contents: 'export const wait = "replaced";' };
const absent: Replacement = {
  filter: /^not-installed$/,
  isModule: true,
  contents: 'export const absent = "replaced";',
};

async function bundle(source: string, ...replacements: Replacement[]) {
  const { plugin, requireMatches } = createReplacer(replacements);
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    plugins: [plugin],
    logLevel: 'silent',
  });
  return { text: outputFiles[0]?.text ?? '', requireMatches };
}

describe('createReplacer', () => {
  test('replaces files and modules that match', async () => {
    const source =
      "import { wait } from '../../shared/clock.ts'; import { absent } from 'not-installed'; console.log(wait, absent);";
    const { text, requireMatches } = await bundle(source, clock, absent);
    assert.equal(text.match(/"replaced"/g)?.length, 2);
    requireMatches();
  });

  for (const replacement of [unused, { ...unused, isModule: true } as const]) {
    test(`fails the build when a ${replacement.isModule ? 'module' : 'file'} matches nothing`, async () => {
      const { requireMatches } = await bundle("import '../../shared/clock.ts';", clock, replacement);
      assert.throws(requireMatches, { name: 'RangeError', message: /moved-by-an-update/ });
    });
  }
});
