import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createDocsPage } from '../../../../shared/inbound/documents/docs/docs-page.ts';
import { html } from '../../../../shared/inbound/reply.ts';
import { openApi } from './api-documents.ts';

const page = createDocsPage(openApi);
const reply = await html('API reference', [200]).serialize(page, {
  headers: new Headers(),
  toNextLink: () => assert.fail('A page has no next one'),
});

/** The first capture of every match of a pattern in the page. */
const all = (pattern: RegExp) => [...page.body.matchAll(pattern)].map(([, found = '']) => found);

describe('createDocsPage', () => {
  test('renders a section and a link for every operation', () => {
    const operations = Object.values(openApi.paths).flatMap((methods) => Object.values(methods));
    for (const { operationId, summary } of operations) {
      assert.ok(page.body.includes(`<section id="${operationId}"`), operationId);
      assert.ok(page.body.includes(`<a href="#${operationId}">${summary.replaceAll("'", '&#39;')}</a>`), operationId);
    }
  });

  test('renders unique ids, and links and labels that refer to one', () => {
    const ids = all(/ id="([^"]+)"/g);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of [...all(/ href="#([^"]+)"/g), ...all(/ for="([^"]+)"/g)]) assert.ok(ids.includes(id), id);
  });

  test('loads no other resource', () => assert.deepEqual(all(/ (?:src|srcset|action|style|on\w+)="([^"]*)"/g), []));

  test('allows only its own script and style, and calls to the app, by policy', () => {
    assert.equal(
      reply.headers?.['content-security-policy'],
      `default-src 'none'; style-src '${page.styleHash}'; script-src '${page.scriptHash}'; connect-src 'self'; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  });

  test('escapes texts of the document', () => {
    const info = { ...openApi.info, title: '<img src=x onerror="alert(1)"> & \'co\'' };
    const { body } = createDocsPage({ ...openApi, info });
    assert.ok(!body.includes('<img'));
    assert.ok(body.includes('<h1>&#60;img src=x onerror=&#34;alert(1)&#34;&#62; &#38; &#39;co&#39; '));
  });

  test('renders types, limits and defaults of members', () => {
    const properties = {
      level: { enum: ['Low', 'High'] },
      names: { type: 'array', items: { type: 'string' } },
      parent: { anyOf: [{ $ref: '#/components/schemas/Node' }, { type: 'null' }] },
      size: { type: 'integer', minimum: 1, maximum: 9, default: 5 },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
    };
    const node = { type: 'object', required: ['size'], properties };
    const text = textOf(
      createDocsPage({ ...openApi, paths: {}, components: { ...openApi.components, schemas: { Node: node } } }),
    );
    for (const line of [
      'level Low | High',
      'names list of string',
      'parent Node or null',
      'size integer, 1 to 9, default 5 required',
      'labels object of string',
    ]) {
      assert.ok(text.includes(line), line);
    }
  });

  test('renders backticks in descriptions as code', () => {
    const node = { type: 'object', properties: { size: { type: 'integer', description: 'At most `<limit>`' } } };
    const schemas = { Node: node };
    const { body } = createDocsPage({ ...openApi, paths: {}, components: { ...openApi.components, schemas } });
    assert.ok(body.includes('At most <code>&#60;limit&#62;</code>'));
  });

  test('prefills the body with a minimal example', () => {
    const body = /id="runHuntingQuery-body"[^>]*>([^<]*)</.exec(page.body)?.[1];
    assert.equal(body?.replaceAll('&#34;', '"'), '{\n  "query": ""\n}');
  });
});

const textOf = ({ body }: ReturnType<typeof createDocsPage>) =>
  body.replaceAll(/<[^>]+>/g, '').replaceAll(/[ \n]+/g, ' ');
