import { createHash } from 'node:crypto';
import type { Page } from '../../reply.ts';
import type { Json, OpenApiDocument } from '../open-api-document.ts';
import { writeOperation } from './docs-operation.ts';
import { writeMembers } from './docs-schema.ts';
import { script } from './docs-script.ts';
import { style } from './docs-style.ts';
import { Markup, markup, prose } from './markup.ts';

const hashOf = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;
const hashes = { styleHash: hashOf(style), scriptHash: hashOf(script) };

/** Renders the OpenAPI document as a page. */
export function createDocsPage(document: OpenApiDocument): Page {
  return { status: 200, body: writePage(document).text, ...hashes };
}

function writePage({ info, servers, paths, components }: OpenApiDocument): Markup {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title} ${info.version}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#operations">Skip to operations</a>
<header>
<h1>${info.title} <small>${info.version}</small></h1>
<p>${info.description} Base URL: <code>${servers[0]?.url}</code>.
Machine-readable: <a href="openapi.json">OpenAPI 3.1</a>, <a href="swagger.json">Swagger 2.0</a>.</p>
<label for="key">Function key</label>
<input id="key" type="password" autocomplete="off" spellcheck="false" aria-describedby="key-use">
<p id="key-use">Used by the forms below. Sent as the header <code>x-functions-key</code>. It is not stored and is gone when the page is
closed.</p>
<label for="token">Access token</label>
<input id="token" type="password" autocomplete="off" spellcheck="false" aria-describedby="token-use">
<p id="token-use">Needed if the app requires one. With the token of a user, Defender is called on behalf of the user. Sent as the
header <code>Authorization</code>. It is not stored.</p>
</header>
<nav aria-label="Operations"><ul>
${operations.map(({ operation: { operationId, summary } }) => markup`<li><a href="#${operationId}">${summary}</a></li>`)}
<li><a href="#schemas">Schemas</a></li>
</ul></nav>
<main id="operations">
${operations.map(({ path, method, operation }) => writeOperation(path, method, operation))}
${writeSchemas(components.schemas)}
</main>
<script>${new Markup(script)}</script>
</body>
</html>
`;
}

function writeSchemas(schemas: Record<string, Json>): Markup {
  const entries = Object.entries(schemas).map(
    ([name, schema]) => markup`<h3 id="schema-${name}">${name}</h3>
<p>${typeof schema.description === 'string' && prose(schema.description)}</p>
${writeMembers(schema)}`,
  );
  return markup`<section id="schemas"><h2>Schemas</h2>${entries}</section>`;
}
