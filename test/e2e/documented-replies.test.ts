import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as z from 'zod/mini';
import { type Reply, useApp } from './harness.ts';
import { assertStatus, machineActionOf } from './replies.ts';

const { call, cloud } = await useApp();
const alertId = cloud.securityOf(cloud.world.home.id).alerts.all()[0]?.alert.alertId;
const machineId = cloud.securityOf(cloud.world.home.id).machines[0]?.id;
const incidentId = cloud.securityOf(cloud.world.home.id).incidents.all()[0]?.incidentId;

// Formats are only hints in JSON Schema 2020-12; the OpenAPI document has keywords that a strict validator would not take.
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
const response = z.looseObject({ content: z.optional(z.record(z.string(), z.unknown())) });
const operation = z.looseObject({ responses: z.record(z.string(), response) });
const document = z
  .looseObject({ paths: z.record(z.string(), z.record(z.string(), operation)) })
  .parse((await call('GET /openapi.json')).json);
ajv.addSchema({ ...document, $id: 'app:openapi' });

/** Asserts that a reply is what the document says of it. */
function assertAsDocumented(reply: Reply, path: string, method: string): void {
  const responses = document.paths[path]?.[method]?.responses;
  const status = responses?.[reply.status] === undefined ? 'default' : String(reply.status);
  const type = (reply.headers.get('content-type') ?? '').split(';')[0] ?? '';
  assert.ok(responses?.[status]?.content?.[type], `${method} ${path} does not say that ${reply.status} may be ${type}`);

  const steps = ['paths', path, method, 'responses', status, 'content', type, 'schema'];
  const pointer = steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
  const validate = ajv.compile({ $ref: `app:openapi#/${pointer}` });
  assert.ok(validate(reply.json ?? reply.text), ajv.errorsText(validate.errors));
}

describe('a reply is what /openapi.json says of it', () => {
  it('when it is a result', async () => {
    for (const [request, path, method] of [
      ['GET /incidents?top=3', '/incidents', 'get'],
      ['GET /incidents?top=1000', '/incidents', 'get'],
      [`GET /incidents/${incidentId}`, '/incidents/{incidentId}', 'get'],
      ['GET /alerts?top=1000', '/alerts', 'get'],
      [`GET /alerts/${alertId}`, '/alerts/{alertId}', 'get'],
      ['GET /machines', '/machines', 'get'],
      [`GET /machines/${machineId}`, '/machines/{machineId}', 'get'],
      ['GET /indicators', '/indicators', 'get'],
      ['GET /health', '/health', 'get'],
      ['GET /ping', '/ping', 'get'],
    ] as const) {
      const reply = await call(request);
      assertStatus(reply, 200);
      assertAsDocumented(reply, path, method);
    }
  });

  it('when it is an updated incident', async () => {
    const reply = await call(`PATCH /incidents/${incidentId}`, { json: { comment: 'x' } });
    assertAsDocumented(reply, '/incidents/{incidentId}', 'patch');
  });

  it('when it is an updated alert', async () => {
    const reply = await call(`PATCH /alerts/${alertId}`, { json: { status: 'InProgress', comment: 'x' } });
    assertStatus(reply, 200);
    assertAsDocumented(reply, '/alerts/{alertId}', 'patch');
  });

  it('when it is a machine action, from its start to its package', async () => {
    const { machineActions } = cloud.securityOf(cloud.world.home.id);
    const json = { type: 'collectInvestigationPackage', comment: 'x' };
    const started = await call(`POST /machines/${machineId}/actions`, { json });
    assertStatus(started, 202);
    assertAsDocumented(started, '/machines/{machineId}/actions', 'post');
    const { id } = machineActionOf(started);
    for (const status of [202, 200]) {
      const reply = await call(`GET /machine-actions/${id}`);
      assertStatus(reply, status);
      assertAsDocumented(reply, '/machine-actions/{actionId}', 'get');
      machineActions.finish(id, 'Succeeded');
    }
    const reply = await call(`GET /machine-actions/${id}/package`);
    assertStatus(reply, 200);
    assertAsDocumented(reply, '/machine-actions/{actionId}/package', 'get');
  });

  it('when it is an indicator', async () => {
    const indicator = { indicatorValue: 'a.example', indicatorType: 'DomainName', action: 'Warn' };
    const reply = await call('POST /indicators', { json: { ...indicator, title: 'x', description: 'x' } });
    assertStatus(reply, 200);
    assertAsDocumented(reply, '/indicators', 'post');
  });

  it('when it is a hunt, in every format', async () => {
    for (const accept of ['application/json', 'text/csv', 'application/x-ndjson']) {
      const reply = await call('POST /hunting', { json: { query: 'DeviceInfo | take 2' }, headers: { accept } });
      assertStatus(reply, 200);
      assertAsDocumented(accept === 'application/json' ? reply : { ...reply, json: undefined }, '/hunting', 'post');
    }
  });

  it('when it is a problem', async () => {
    for (const [request, path, method] of [
      ['GET /incidents?top=0', '/incidents', 'get'],
      ['GET /incidents/1', '/incidents/{incidentId}', 'get'],
      ['GET /incidents?tenantId=nobody.example', '/incidents', 'get'],
      ['POST /hunting', '/hunting', 'post'],
    ] as const) {
      const reply = await call(request);
      assert.ok(reply.status >= 400);
      assertAsDocumented(reply, path, method);
    }
  });

  it('when the app is unhealthy', async () => {
    cloud.administrator.revokeAllRoles();
    const reply = await call('GET /health');
    assertStatus(reply, 503);
    assert.equal(reply.headers.get('content-type'), 'application/json; charset=utf-8');
    assertAsDocumented(reply, '/health', 'get');
  });
});
