import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useApp } from './harness.ts';
import { assertProblem, type Problem } from './replies.ts';

const { call, cloud } = await useApp({ hasStorage: true });

interface Schema {
  enum?: string[];
  items?: Schema;
  properties?: Record<string, Schema>;
  maxLength?: number;
  type?: string;
  $ref?: string;
}
interface Parameter {
  name: string;
  in: string;
  schema: Schema;
}
interface Operation {
  operationId: string;
  parameters: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}
const document = (await call('GET /openapi.json')).json as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

const samples: Record<string, string> = {
  incidentId: '7',
  alertId: 'da1',
  machineId: 'a'.repeat(40),
  actionId: crypto.randomUUID(),
  indicatorId: '7',
  operationId: 'a'.repeat(32),
  subscriptionId: crypto.randomUUID(),
  huntId: crypto.randomUUID(),
  tenantId: crypto.randomUUID(),
  objectId: crypto.randomUUID(),
};

const resolve = (schema: Schema): Schema =>
  schema.$ref === undefined ? schema : (document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => {
    const target = path.replace(/\{(\w+)\}/g, (_, name) => samples[name] ?? assert.fail(`No sample of ${name}`));
    const body = operation.requestBody?.content['application/json']?.schema;
    return {
      name: operation.operationId,
      request: `${method.toUpperCase()} ${target}` as const,
      query: operation.parameters.filter((parameter) => parameter.in === 'query'),
      body: body === undefined ? undefined : resolve(body).properties,
    };
  }),
);

/** These have rules of their own: Entra's redirect, Event Grid's schemas, signed messages. */
const isOwn = ({ name }: { name: string }) => !['consentCallback', 'keyVaultEvents', 'commandWebhook'].includes(name);

const errorFor = ({ errors = [] }: Problem, where: string, name: string) =>
  errors.find((error) => error.in === where && error.name === name)?.detail ?? `no error for ${name}`;

async function post(request: `${string} ${string}`, members: object | undefined) {
  return assertProblem(await call(request, members && { json: members }), 400, 'InvalidRequest');
}

describe('every operation', () => {
  it('rejects unknown query parameters', async () => {
    for (const { name, request, body } of operations.filter(isOwn)) {
      const problem = await post(`${request}?nonsense=1&Top=1`, body);
      assert.equal(errorFor(problem, 'query', 'nonsense'), 'unknown parameter', name);
      assert.equal(errorFor(problem, 'query', 'Top'), 'unknown parameter', name);
    }
  });

  it('rejects unknown members of its body', async () => {
    for (const { name, request, body } of operations.filter(isOwn)) {
      if (body === undefined) continue;
      assert.equal(errorFor(await post(request, { nonsense: 1 }), 'body', '/nonsense'), 'unknown member', name);
    }
  });

  it('rejects a tenantId that is neither a GUID nor a domain', async () => {
    for (const { name, request, query, body } of operations.filter(isOwn)) {
      if (!query.some((parameter) => parameter.name === 'tenantId')) continue;
      const problem = await post(`${request}?tenantId=a%2Fb`, body);
      assert.match(errorFor(problem, 'query', 'tenantId'), /^must be a tenant id/, name);
    }
  });

  it('lists the allowed values of every enumeration in its error', async () => {
    let count = 0;
    for (const { name, request, query, body } of operations.filter(isOwn)) {
      const inQuery = query.flatMap(({ name: parameter, schema }) => {
        const values = (schema.items ?? schema).enum;
        return values === undefined ? [] : [{ parameter, values }];
      });
      const inBody = Object.entries(body ?? {}).flatMap(([member, schema]) => {
        const values = (schema.items ?? schema).enum;
        return values === undefined ? [] : [{ member, values, value: schema.items ? ['nonsense'] : 'nonsense' }];
      });
      const wrong = new URLSearchParams(inQuery.map(({ parameter }): [string, string] => [parameter, 'nonsense']));
      const members = Object.fromEntries(inBody.map(({ member, value }) => [member, value]));
      if (inQuery.length + inBody.length === 0) continue;
      const problem = await post(`${request}?${wrong}`, body && members);
      for (const { parameter, values } of inQuery) {
        assert.equal(errorFor(problem, 'query', parameter), `must be one of ${values.join(', ')}`, name);
      }
      for (const { member, values, value } of inBody) {
        const pointer = Array.isArray(value) ? `/${member}/0` : `/${member}`;
        assert.equal(errorFor(problem, 'body', pointer), `must be one of ${values.join(', ')}`, name);
      }
      count += inQuery.length + inBody.length;
    }
    assert.ok(count >= 20, String(count));
  });

  it('limits every text of its body', async () => {
    const unlimited: string[] = [];
    for (const { name, request, body } of operations.filter(isOwn)) {
      for (const [member, schema] of Object.entries(body ?? {})) {
        const isList = schema.items !== undefined;
        if ((schema.items ?? schema).type !== 'string') continue;
        const text = 'x'.repeat(1_000_000);
        const reply = await call(request, { json: { [member]: isList ? [text] : text } });
        const { errors } = assertProblem(reply, 400, 'InvalidRequest');
        if (!errors?.some((error) => error.name.startsWith(`/${member}`))) unlimited.push(`${name}.${member}`);
        assert.ok(reply.text.length < 10_000, `${name}.${member}`);
      }
    }
    assert.deepEqual(unlimited, []);
  });

  it('has called no service for any of this', () => assert.deepEqual(cloud.calls.all, []));
});

describe('a body', () => {
  const headers = { 'content-type': 'application/json' };

  it('is 400 if it is not UTF-8', async () => {
    const body = new Uint8Array(Buffer.from('{"comment":"caf\xe9"}', 'latin1'));
    const problem = assertProblem(await call('PATCH /incidents/7', { headers, body }), 400, 'InvalidRequest');
    assert.equal(errorFor(problem, 'body', ''), 'must be valid UTF-8');
  });

  it('is 415 in another charset', async () => {
    const latin1 = { 'content-type': 'application/json; charset=iso-8859-1' };
    assertProblem(await call('PATCH /incidents/7', { headers: latin1, body: '{}' }), 415, 'UnsupportedMediaType');
  });

  it('may have a BOM', async () => {
    const body = '\uFEFF{"query":"AlertInfo | count"}';
    assert.equal((await call('POST /hunting', { headers, body })).status, 200);
  });

  it('with 3,000 domains calls no service', async () => {
    const callsBefore = cloud.calls.all.length;
    const tenantIds = Array.from({ length: 3000 }, (_, index) => `t${index}.example`);
    const json = { callbackUrl: 'https://prod-1.westeurope.logic.azure.com/x', tenantIds };
    assertProblem(await call('POST /subscriptions', { json }), 400, 'InvalidRequest');
    const hundredAndOne = { ...json, tenantIds: tenantIds.slice(0, 101) };
    const problem = assertProblem(await call('POST /subscriptions', { json: hundredAndOne }), 400, 'InvalidRequest');
    assert.equal(errorFor(problem, 'body', '/tenantIds'), 'must have at most 100 items');
    assert.equal(cloud.calls.all.length, callsBefore);
  });

  it('full of mistakes gets a short reply', async () => {
    const tags = Array(50_000).fill('');
    const reply = await call('PATCH /incidents/7', { json: { tags, ...Object.fromEntries(tags.entries()) } });
    assertProblem(reply, 400, 'InvalidRequest');
    assert.ok(reply.text.length < 10_000, `${reply.text.length} characters`);
  });
});
