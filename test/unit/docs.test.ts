import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { surface } from '../../functions/surface.ts';
import hostSettings from '../../host.json' with { type: 'json' };
import manifest from '../../package.json' with { type: 'json' };
import { problemTitles } from '../../shared/inbound/problem.ts';
import { generatedPages } from '../docs/generated-pages.ts';
import {
  findBrokenLinks,
  findUnknownCalls,
  type Pages,
  scriptsOf,
  sourcePathsOf,
  tableOf,
} from '../docs/markdown-checks.ts';

const root = resolve(import.meta.dirname, '../..');
const paths = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
const pages: Pages = Object.fromEntries(paths.map((path) => [path, readFileSync(resolve(root, path), 'utf8')]));
const isFile = (path: string) => existsSync(resolve(root, path));

const endpoints = Object.values(surface).flatMap((each) => (each.kind === 'endpoint' ? [each] : []));
const prefix = hostSettings.extensions.http.routePrefix;
const knownCalls = [
  ...endpoints.map(({ method, route }) => `${method} /${prefix}/${route}`),
  ...Object.keys(surface).map((name) => `POST /admin/functions/${name}`),
];

/** Observations that become a metric of another name, and no event. */
const metricOnly = new Set(['CredentialExpiry', 'IncidentFeedLag']);

describe('the documentation', () => {
  for (const [path, text] of Object.entries(generatedPages())) {
    it(`has ${path} as npm run docs generates it`, () => {
      assert.ok(pages[path] === text, `${path} is stale: run npm run docs`);
    });
  }

  it('links to existing files and headings', () => {
    // Parts of generated pages, with links relative to docs/.
    const { 'test/docs/api-rules.md': _, ...linked } = pages;
    assert.deepEqual(findBrokenLinks(linked, isFile), []);
  });

  it('lists every problem code with its status in docs/errors.md', () => {
    const codes = tableOf(pages['docs/errors.md'] ?? '', 'status').map(([, code = '']) => code.replaceAll('`', ''));
    assert.deepEqual(codes.sort(), Object.keys(problemTitles).sort());
  });

  it('lists every table, queue and container in docs/architecture.md', () => {
    const sources = execFileSync('git', ['grep', '-hoE', "open(Table|Queue|Blobs)\\('[^']+'", '--', 'shared'], {
      cwd: root,
    });
    const names = [...sources.toString().matchAll(/'([^']+)'/g)].map(([, name = '']) => name);
    assert.ok(names.length > 10);
    const missing = names.filter((name) => !pages['docs/architecture.md']?.includes(`\`${name}\``));
    assert.deepEqual(missing, []);
  });

  it('lists every telemetry event in docs/operations.md', () => {
    const report = readFileSync(resolve(root, 'shared/telemetry/report.ts'), 'utf8');
    const metrics = [...report.matchAll(/name: '(\w+)'/g)].map(([, name = '']) => name);
    const events = [...report.matchAll(/case '(\w+)':/g)]
      .map(([, name = '']) => name)
      .filter((name) => !metricOnly.has(name));
    const missing = [...metrics, ...events].filter((name) => !pages['docs/operations.md']?.includes(`\`${name}\``));
    assert.deepEqual(missing, []);
  });

  it('lists the limits of host.json in docs/operations.md', () => {
    const { maxConcurrentRequests, maxOutstandingRequests } = hostSettings.extensions.http;
    const limits = `${maxConcurrentRequests} running, ${maxOutstandingRequests} with those that wait`;
    assert.ok(pages['docs/operations.md']?.includes(limits), limits);
  });

  it('counts the functions in the README', () => {
    const count = (kind: string) => Object.values(surface).filter((each) => each.kind === kind).length;
    const text = `${count('endpoint')} HTTP functions, ${count('job')} timers and ${count('queueJob')} queues`;
    assert.ok(pages['README.md']?.includes(text), text);
  });

  it('lists every decision in docs/adr/README.md', () => {
    const decisions = paths.filter((path) => /^docs\/adr\/\d/.test(path)).map((path) => path.replace('docs/adr/', ''));
    const missing = decisions.filter((name) => !pages['docs/adr/README.md']?.includes(`(${name})`));
    assert.deepEqual(missing, []);
  });

  it('keeps the README below 150 lines', () => assert.ok((pages['README.md'] ?? '').split('\n').length <= 150));
});

for (const [path, text] of Object.entries(pages)) {
  describe(path, () => {
    it('calls existing routes', () => assert.deepEqual(findUnknownCalls(text, knownCalls), []));

    it('names existing npm scripts', () => {
      assert.deepEqual(
        scriptsOf(text).filter((script) => !(script in manifest.scripts)),
        [],
      );
    });

    it('names existing files', () => {
      assert.deepEqual(
        sourcePathsOf(text).filter((named) => !isFile(named)),
        [],
      );
    });
  });
}

describe('findUnknownCalls', () => {
  const fenced = (command: string) => `Like this:\n\n\`\`\`sh\n${command}\n\`\`\`\n`;
  const known = ['GET /api/incidents', 'PATCH /api/incidents/{incidentId}', 'POST /api/hunting'];

  it('reports an unknown route', () => {
    assert.deepEqual(findUnknownCalls(fenced('curl "https://$host/api/incident?top=3"'), known), ['GET /api/incident']);
  });

  it('reports a known route with another method', () => {
    const calls = ['curl http://127.0.0.1:7071/api/incidents/7', 'curl http://127.0.0.1:7071/api/hunting'];
    assert.deepEqual(
      calls.flatMap((call) => findUnknownCalls(fenced(call), known)),
      ['GET /api/incidents/7', 'GET /api/hunting'],
    );
  });

  it('accepts known calls', () => {
    const commands = [
      "curl 'http://127.0.0.1:7071/api/incidents?top=3' -H 'x-functions-key: local-key'",
      'curl -X PATCH http://127.0.0.1:7071/api/incidents/7 \\\n  -d \'{"status":"Active"}\'',
      'curl http://127.0.0.1:7071/api/hunting -d \'{"query":"AlertInfo"}\'',
    ];
    assert.deepEqual(findUnknownCalls(fenced(commands.join('\n')), known), []);
  });
});

describe('findBrokenLinks', () => {
  it('reports missing files and headings', () => {
    const linked = {
      'a.md': '# One two\n[x](#one-two) [y](#three) [z](docs/b.md#c) [w](docs/d.md)',
      'docs/b.md': '## C',
    };
    const exists = (path: string) => path in linked;
    assert.deepEqual(findBrokenLinks(linked, exists), ['a.md: #three', 'a.md: docs/d.md']);
  });
});
