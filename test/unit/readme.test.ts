import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { surface } from '../../functions/surface.ts';
import hostSettings from '../../host.json' with { type: 'json' };
import manifest from '../../package.json' with { type: 'json' };
import { type Environment, parseConfig } from '../../shared/config.ts';
import { ConfigError } from '../../shared/errors.ts';
import { problemTitles } from '../../shared/inbound/problem.ts';
import { findUnknownCalls, linksOf, scriptsOf, tableOf } from './readme.ts';
import { settings } from './settings.ts';

const root = resolve(import.meta.dirname, '../..');
const readme = readFileSync(resolve(root, 'README.md'), 'utf8');

const declared = Object.entries(surface);
const endpoints = declared.flatMap(([name, each]) => (each.kind === 'endpoint' ? [{ name, ...each }] : []));
const jobs = declared.flatMap(([name, each]) => (each.kind === 'job' ? [{ name, ...each }] : []));
const routes = endpoints.map(({ method, route }) => `${method} /${hostSettings.extensions.http.routePrefix}/${route}`);
const knownCalls = [...routes, ...declared.map(([name]) => `POST /admin/functions/${name}`)];

const code = (text = '') => text.replaceAll('`', '');

describe("the README's operations", () => {
  const rows = tableOf(readme, 'operation');

  test('are those that the app declares, in order', () => {
    assert.deepEqual(
      rows.map(([name, call]) => `${code(name)} ${code(call)}`),
      endpoints.map(({ name }, index) => `${name} ${routes[index]}`),
    );
  });

  test('need no key where it says so, and nowhere else', () => {
    assert.deepEqual(
      rows.filter(([, , what]) => what?.endsWith('Needs no key')).map(([name]) => code(name)),
      endpoints.filter(({ authLevel }) => authLevel === 'anonymous').map(({ name }) => name),
    );
  });

  test('name every filter of a list', () => {
    for (const { name, query } of endpoints) {
      const text = rows.find(([operation]) => code(operation) === name)?.join(' ') ?? '';
      for (const parameter of Object.keys(query.shape)) assert.ok(text.includes(`\`${parameter}\``), parameter);
    }
  });

  test('have timers beside them, with their schedules', () => {
    assert.deepEqual(
      tableOf(readme, 'timer').map(([name, schedule]) => [code(name), code(schedule)]),
      jobs.map(({ name, schedule }) => [name, schedule.defaultValue]),
    );
  });
});

describe("the README's settings", () => {
  const rows = tableOf(readme, 'setting').map(([name, defaultValue]) => ({
    name: code(name),
    default: code(defaultValue),
  }));
  const telemetry = 'APPLICATIONINSIGHTS_CONNECTION_STRING';

  test('are those that the app reads', () => {
    assert.deepEqual(rows.map(({ name }) => name).sort(), [...readSettingNames(), telemetry].sort());
  });

  test('are required where the app cannot do without', () => {
    assert.deepEqual(
      rows
        .filter((row) => row.default === 'required')
        .map(({ name }) => name)
        .sort(),
      missingSettings().sort(),
    );
  });

  test('have the defaults that they are said to have', () => {
    const defaultValue = parseConfig(settings);
    for (const row of rows) {
      if (row.default === '' || row.default === 'required') continue;
      assert.deepEqual(parseConfig({ ...settings, [row.name]: row.default }), defaultValue, row.name);
    }
    for (const { schedule } of jobs) {
      assert.equal(rows.find(({ name }) => name === schedule.setting)?.default, schedule.defaultValue);
    }
  });
});

test("the README's table of errors has every code", () => {
  const listed = tableOf(readme, 'status').flatMap(([, codes = '']) => codes.match(/`[A-Z]\w+`/g)?.map(code) ?? []);
  assert.deepEqual(listed.sort(), Object.keys(problemTitles).sort());
});

for (const name of ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md']) {
  describe(name, () => {
    const text = readFileSync(resolve(root, name), 'utf8');

    test('calls only what there is', () => assert.deepEqual(findUnknownCalls(text, knownCalls), []));

    test('runs only scripts that there are', () => {
      assert.deepEqual(
        scriptsOf(text).filter((script) => !(script in manifest.scripts)),
        [],
      );
    });

    test('links only to files that there are', () => {
      assert.deepEqual(
        linksOf(text).filter((link) => !existsSync(resolve(root, link))),
        [],
      );
    });
  });
}

describe('a call that goes nowhere is found', () => {
  const fenced = (command: string) => `Like this:\n\n\`\`\`sh\n${command}\n\`\`\`\n`;
  const known = ['GET /api/incidents', 'PATCH /api/incidents/{incidentId}', 'POST /api/hunting'];

  test('when the route does not exist', () => {
    assert.deepEqual(findUnknownCalls(fenced('curl "https://$host/api/incident?top=3"'), known), ['GET /api/incident']);
  });

  test('when the method does not exist there', () => {
    assert.deepEqual(findUnknownCalls(fenced('curl http://127.0.0.1:7071/api/incidents/7'), known), [
      'GET /api/incidents/7',
    ]);
    assert.deepEqual(findUnknownCalls(fenced('curl http://127.0.0.1:7071/api/hunting'), known), ['GET /api/hunting']);
  });

  test('and one that goes somewhere is not', () => {
    const commands = [
      "curl 'http://127.0.0.1:7071/api/incidents?top=3' -H 'x-functions-key: local-key'",
      'curl -X PATCH http://127.0.0.1:7071/api/incidents/7 \\\n  -d \'{"status":"Active"}\'',
      'curl http://127.0.0.1:7071/api/hunting -d \'{"query":"AlertInfo"}\'',
    ];
    assert.deepEqual(findUnknownCalls(fenced(commands.join('\n')), known), []);
  });
});

/** What is asked of an environment that has nothing: the settings, whichever there are. */
function readSettingNames(): string[] {
  const names = new Set<string>();
  const environment: Environment = new Proxy({}, { get: (_, name) => void names.add(String(name)) });
  assert.throws(() => parseConfig(environment), ConfigError);
  return [...names];
}

function missingSettings(): string[] {
  try {
    parseConfig({});
  } catch (error) {
    if (error instanceof ConfigError) return error.errors.map(({ name }) => name);
  }
  return assert.fail('An empty environment is enough');
}
