import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readDocument } from './documented.ts';
import { useApp } from './harness.ts';
import { assertStatus, machineActionOf } from './replies.ts';

const { call, cloud } = await useApp();
const alertId = cloud.securityOf(cloud.world.home.id).alerts.all()[0]?.alert.alertId;
const machineId = cloud.securityOf(cloud.world.home.id).machines[0]?.id;
const incidentId = cloud.securityOf(cloud.world.home.id).incidents.all()[0]?.incidentId;

const { assertAsDocumented } = await readDocument(call);

describe('replies conform to openapi.json', () => {
  it('results of every read operation', async () => {
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

  it('an updated incident', async () => {
    const reply = await call(`PATCH /incidents/${incidentId}`, { json: { comment: 'x' } });
    assertAsDocumented(reply, '/incidents/{incidentId}', 'patch');
  });

  it('an updated alert', async () => {
    const reply = await call(`PATCH /alerts/${alertId}`, { json: { status: 'InProgress', comment: 'x' } });
    assertStatus(reply, 200);
    assertAsDocumented(reply, '/alerts/{alertId}', 'patch');
  });

  it('a machine action from its start to its package', async () => {
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

  it('an indicator', async () => {
    const indicator = { indicatorValue: 'a.example', indicatorType: 'DomainName', action: 'Warn' };
    const reply = await call('POST /indicators', { json: { ...indicator, title: 'x', description: 'x' } });
    assertStatus(reply, 200);
    assertAsDocumented(reply, '/indicators', 'post');
  });

  it('a hunting result in every format', async () => {
    for (const accept of ['application/json', 'text/csv', 'application/x-ndjson']) {
      const reply = await call('POST /hunting', { json: { query: 'DeviceInfo | take 2' }, headers: { accept } });
      assertStatus(reply, 200);
      assertAsDocumented(accept === 'application/json' ? reply : { ...reply, json: undefined }, '/hunting', 'post');
    }
  });

  it('a problem', async () => {
    for (const [request, path, method] of [
      ['GET /incidents?top=0', '/incidents', 'get'],
      ['GET /incidents/1', '/incidents/{incidentId}', 'get'],
      ['GET /incidents?tenantId=unknown.example', '/incidents', 'get'],
      ['POST /hunting', '/hunting', 'post'],
    ] as const) {
      const reply = await call(request);
      assert.ok(reply.status >= 400);
      assertAsDocumented(reply, path, method);
    }
  });

  it('the report of an unhealthy app', async () => {
    cloud.administrator.revokeAllRoles();
    const reply = await call('GET /health');
    assertStatus(reply, 503);
    assert.equal(reply.headers.get('content-type'), 'application/json; charset=utf-8');
    assertAsDocumented(reply, '/health', 'get');
  });
});
