import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  findCycles,
  findDangling,
  findHomeless,
  findUpwardImports,
  findValueImporters,
  findWorld,
} from './layering.ts';
import { importsOf, readSources } from './source-files.ts';

const sources = readSources();

/** Where the world comes in: of the app, and of the reader's browser, in which the script of the reference runs. */
const edges = ['shared/services.ts', 'shared/inbound/docs/docs-script.ts'];

describe('the source of the app', () => {
  test('is all read, and its imports are understood', () => {
    assert.ok('functions/app.ts' in sources && 'shared/services.ts' in sources);
    assert.deepEqual(findDangling(sources), []);
  });

  test('has every file in a layer', () => assert.deepEqual(findHomeless(sources), []));

  test('imports downwards only, types included', () => assert.deepEqual(findUpwardImports(sources), []));

  test('imports nothing in a circle, types included', () => assert.deepEqual(findCycles(sources), []));

  test('touches time, chance, the environment and the network at its edges only', () => {
    assert.deepEqual(
      findWorld(sources).filter((place) => !edges.some((edge) => place.startsWith(`${edge}: `))),
      [],
    );
  });

  test('loads @azure/functions in functions/app.ts only', () => {
    assert.deepEqual(findValueImporters(sources, '@azure/functions'), ['functions/app.ts']);
  });
});

describe('the reading of imports', () => {
  test('knows every form of them', () => {
    const text = `
      import 'node:fs';
      import { a, type B } from '../errors.ts';
      import {
        c,
        d as e,
      } from "../clock.ts";
      import type { F } from '../clouds.ts';
      import * as z from 'zod/mini';
      import manifest from '../../package.json' with { type: 'json' };
      export { g } from './job.ts';
      export type * from './reply.ts';
      const { h } = await import('./open-api.ts');
      // import '../commented.ts';
      /* import '../out.ts'; */
      const address = 'https://contoso.com';
      export const route = 'GET ping';`;
    assert.deepEqual(
      importsOf('shared/inbound/x.ts', text).map(({ target, isTypeOnly }) => (isTypeOnly ? `type ${target}` : target)),
      [
        'node:fs',
        'shared/errors.ts',
        'shared/clock.ts',
        'type shared/clouds.ts',
        'zod/mini',
        'package.json',
        'shared/inbound/job.ts',
        'type shared/inbound/reply.ts',
        'shared/inbound/open-api.ts',
      ],
    );
  });
});

describe('a broken rule is found', () => {
  const client = 'shared/defender/client.ts';

  test('when an import, even of a type, goes up', () => {
    for (const text of ["import type { App } from '../inbound/endpoint.ts';", "import('../inbound/endpoint.ts')"]) {
      assert.deepEqual(findUpwardImports({ [client]: text }), [`${client} → shared/inbound/endpoint.ts`]);
    }
    assert.equal(findUpwardImports({ [client]: "import { machine } from '../services.ts';" }).length, 1);
    assert.equal(findUpwardImports({ [client]: "import { x } from '../automation/check-health.ts';" }).length, 1);
    assert.equal(findUpwardImports({ 'shared/config.ts': "import { x } from './outbound/retry.ts';" }).length, 1);
  });

  test('when a file belongs to no layer', () => {
    assert.deepEqual(findHomeless({ 'shared/utils.ts': '', [client]: '' }), ['shared/utils.ts']);
  });

  test('when imports run in a circle', () => {
    const circle = {
      [client]: "import type { A } from './page.ts';",
      'shared/defender/page.ts': "export * from './client.ts';",
    };
    assert.deepEqual(findCycles(circle), [`${client} → shared/defender/page.ts → ${client}`]);
  });

  test('when the world is touched', () => {
    const uses = ['process.env.X', 'Date.now()', 'new Date()', 'Math.random()', 'setTimeout(f, 1)', 'fetch(url)'];
    for (const use of uses) assert.equal(findWorld({ [client]: `const x = ${use};` }).length, 1, use);
    assert.deepEqual(findWorld({ [client]: '// Date.now() is handed in\nconst at = new Date(now); refetch(at);' }), []);
  });

  test('when a value of @azure/functions is imported', () => {
    const text = "import { type HttpRequest, app } from '@azure/functions';";
    assert.deepEqual(findValueImporters({ [client]: text }, '@azure/functions'), [client]);
  });
});
