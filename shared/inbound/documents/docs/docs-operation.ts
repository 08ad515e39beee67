import type { Operation, Parameter, Response } from '../open-api-document.ts';
import { writeForm } from './docs-form.ts';
import { writeEntry, writeMembers, writeType } from './docs-schema.ts';
import { type Markup, markup, prose } from './markup.ts';

/** The section of an operation: parameters, body, replies, and a form that calls it. */
export function writeOperation(path: string, method: string, operation: Operation): Markup {
  const { operationId, summary, description, security, parameters, requestBody, responses } = operation;
  return markup`
<section id="${operationId}" aria-labelledby="${operationId}-title">
<h2 id="${operationId}-title">${summary}</h2>
<p class="call"><b class="${method}">${method.toUpperCase()}</b> <code>${path}</code></p>
<p><code>${operationId}</code>${security?.length === 0 && ', no key required'}${writeRole(operation)}</p>
${description !== undefined && markup`<p>${prose(description)}</p>`}
${parameters.length > 0 && markup`<h3>Parameters</h3><dl>${parameters.map(writeParameter)}</dl>`}
${requestBody && writeContent('Body', requestBody.content)}
<h3>Replies</h3>
<dl>${Object.entries(responses).map(([status, response]) => writeResponse(status, response))}</dl>
${writeForm(path, method, operation)}
</section>`;
}

const writeRole = ({ 'x-required-role': role = [] }: Operation): Markup | false =>
  role.length > 0 && markup`, role <code>${[role].flat().join(', ')}</code>`;

function writeParameter({ name, in: place, required, description, schema }: Parameter): Markup {
  return writeEntry(name, { ...schema, ...(description !== undefined && { description }) }, required, place);
}

function writeContent(title: string, content: NonNullable<Response['content']>): Markup {
  const [first] = Object.values(content);
  return markup`<h3>${title}</h3>
<p>${Object.keys(content).join(', ')}</p>
${first && (writeMembers(first.schema) ?? markup`<p>${writeType(first.schema)}</p>`)}`;
}

function writeResponse(status: string, { description, content = {} }: Response): Markup {
  const [first] = Object.values(content);
  const types = Object.keys(content).join(', ');
  return markup`
<dt><code>${status === 'default' ? 'error' : status}</code> <span>${types}</span></dt>
<dd>${prose(description)}${first && markup`: ${writeType(first.schema)}${writeMembers(first.schema)}`}</dd>`;
}
