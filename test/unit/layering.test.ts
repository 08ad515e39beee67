import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  findCycles,
  findDangling,
  findForbiddenImports,
  findPlatformAccess,
  findUnplaced,
  findValueImporters,
} from './layering.ts';
import { importsOf, readSources } from './source-files.ts';

const sources = readSources();

/** The files that may use the clock, randomness, the environment and the network; the second runs in the reader's browser. */
const platformFiles = ['shared/platform.ts', 'shared/inbound/documents/docs/docs-script.ts'];

describe('source files', () => {
  test('are found, and their imports are understood', () => {
    assert.ok('functions/app.ts' in sources && 'shared/services.ts' in sources);
    assert.deepEqual(findDangling(sources), []);
  });

  test('belong to a folder of the allow-list', () => assert.deepEqual(findUnplaced(sources), []));

  test('import from allowed folders only, types included', () => assert.deepEqual(findForbiddenImports(sources), []));

  test('have distinct names', () => {
    const names = Object.keys(sources).map((path) => path.slice(path.lastIndexOf('/') + 1));
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
  });

  test('have no import cycles, types included', () => assert.deepEqual(findCycles(sources), []));

  test('use the clock, randomness, the environment and the network in two files only', () => {
    assert.deepEqual(
      findPlatformAccess(sources).filter((place) => !platformFiles.some((file) => place.startsWith(`${file}: `))),
      [],
    );
  });

  test('load @azure/functions in functions/app.ts only', () => {
    assert.deepEqual(findValueImporters(sources, '@azure/functions'), ['functions/app.ts']);
  });
});

describe('the import parser', () => {
  test('reads every form of import', () => {
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

describe('a violation is reported', () => {
  const client = 'shared/defender/client.ts';

  test('for an import, even of a type, from a folder that is not allowed', () => {
    for (const text of ["import type { App } from '../inbound/endpoint.ts';", "import('../inbound/endpoint.ts')"]) {
      assert.deepEqual(findForbiddenImports({ [client]: text }), [`${client} → shared/inbound/endpoint.ts`]);
    }
    for (const target of ['../services.ts', '../health/check-health.ts', '../telemetry.ts', '../../functions/app.ts']) {
      assert.equal(findForbiddenImports({ [client]: `import { x } from '${target}';` }).length, 1, target);
    }
    assert.equal(findForbiddenImports({ 'shared/config.ts': "import { x } from './outbound/retry.ts';" }).length, 1);
  });

  test('for an import of one capability from another', () => {
    const text = "import { x } from '../machines/machine-action-input.ts';";
    assert.equal(findForbiddenImports({ 'functions/alerts/list-alerts.ts': text }).length, 1);
    assert.equal(
      findForbiddenImports({ 'functions/machines/get-machine.ts': text.replace('../machines', '.') }).length,
      0,
    );
  });

  test('for a file outside of the listed folders', () => {
    const files = ['shared/utils/x.ts', 'functions/x.ts', 'shared/inbound/extra/x.ts'];
    assert.deepEqual(findUnplaced(Object.fromEntries([...files, client].map((path) => [path, '']))), files);
  });

  test('for an import cycle', () => {
    const circle = {
      [client]: "import type { A } from './page.ts';",
      'shared/defender/page.ts': "export * from './client.ts';",
    };
    assert.deepEqual(findCycles(circle), [`${client} → shared/defender/page.ts → ${client}`]);
  });

  test('for a use of the clock, randomness, the environment or the network', () => {
    const uses = ['process.env.X', 'Date.now()', 'new Date()', 'Math.random()', 'setTimeout(f, 1)', 'fetch(url)'];
    for (const use of uses) assert.equal(findPlatformAccess({ [client]: `const x = ${use};` }).length, 1, use);
    const harmless = '// Date.now() is injected\nconst at = new Date(now); refetch(at);';
    assert.deepEqual(findPlatformAccess({ [client]: harmless }), []);
  });

  test('for a value import of @azure/functions', () => {
    const text = "import { type HttpRequest, app } from '@azure/functions';";
    assert.deepEqual(findValueImporters({ [client]: text }, '@azure/functions'), [client]);
  });
});
