import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as z from 'zod/mini';
import type { Call, Reply } from './call.ts';

const response = z.looseObject({ content: z.optional(z.record(z.string(), z.unknown())) });
const operation = z.looseObject({ operationId: z.string(), responses: z.record(z.string(), response) });
const documentSchema = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), operation)) });

/** An operation as the document has it. */
export interface DocumentedOperation {
  operationId: string;
  /** The template of its path. */
  path: string;
  /** In lower case, as in the document. */
  method: string;
}

/** What the running app's openapi.json says, to hold its replies against. */
export async function readDocument(call: Call) {
  // Formats are only hints in JSON Schema 2020-12; the OpenAPI document has keywords that a strict validator would not take.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const document = documentSchema.parse((await call('GET /openapi.json')).json);
  ajv.addSchema({ ...document, $id: 'app:openapi' });
  const operations: DocumentedOperation[] = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({ operationId, path, method })),
  );

  return {
    operations,

    /** Asserts that a reply is what the document says of it. */
    assertAsDocumented(reply: Reply, path: string, method: string): void {
      const responses = document.paths[path]?.[method]?.responses;
      const status = responses?.[reply.status] === undefined ? 'default' : String(reply.status);
      const content = responses?.[status]?.content ?? {};
      if (reply.text === '' && Object.keys(content).length === 0) return;
      const type = (reply.headers.get('content-type') ?? '').split(';')[0] ?? '';
      assert.ok(content[type], `${method} ${path} does not say that ${reply.status} may be ${type}`);

      const steps = ['paths', path, method, 'responses', status, 'content', type, 'schema'];
      const pointer = steps
        .map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
        .join('/');
      const validate = ajv.compile({ $ref: `app:openapi#/${pointer}` });
      assert.ok(validate(reply.json ?? reply.text), ajv.errorsText(validate.errors));
    },
  };
}
