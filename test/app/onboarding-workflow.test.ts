import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runWorkflow } from '../workflows/run-workflow.ts';
import { readRoles, readWorkflow } from '../workflows/workflow-file.ts';
import { useApp } from './harness.ts';
import { assertStatus } from './replies.ts';
import { createTestCloud } from './test-app.ts';
import { audience, createMailbox, createWorkflowScene, workflowIdentity } from './workflow-scene.ts';

const cloud = createTestCloud();
const app = await useApp({ cloud, hasStorage: true, settings: { CALLER_AUTHENTICATION: 'token' } });
const connection = { office365: { connectionId: 'office365' } };
const common = { appUrl: app.host.url, audience, functionKey: '', $connections: connection };

describe('onboard-tenant', async () => {
  const { definition } = await readWorkflow('onboard-tenant');
  const { createPlatform } = createWorkflowScene(app, await readRoles('onboard-tenant'));
  const customer = cloud.administrator.addTenant({
    id: '88888888-0000-4000-8000-000000000001',
    domain: 'customer.example',
    displayName: 'Customer',
    incidentCount: 2,
  });
  cloud.administrator.revokeConsent(customer);
  await using keyed = await app.startBeside({ CALLER_AUTHENTICATION: 'key' });
  assertStatus(await keyed.call(`PUT /callers/${workflowIdentity}`, { json: { tenantIds: ['*'] } }), 201);
  const triggerBody = {
    tenantId: customer.domain,
    administrator: 'admin@customer.example',
    requester: 'sales@contoso.com',
  };

  /** The administrator opens the link of the mail and consents. */
  async function consent(mail: string): Promise<void> {
    const url = /href="([^"]+)"/.exec(mail)?.[1] ?? assert.fail('The mail has no link');
    const answer = await cloud.handle({ method: 'GET', url, headers: {}, body: '' });
    assert.ok('status' in answer && answer.status === 302);
    await app.call(`GET ${answer.headers.location}`, { withKey: false });
  }

  it('notifies the requester when the link has expired', async () => {
    const { mails, connect } = createMailbox();
    await runWorkflow(definition.actions, { parameters: common, triggerBody, world: createPlatform({ connect }) });
    assert.deepEqual(
      mails.map(({ To, Subject }) => [To, Subject]),
      [
        ['admin@customer.example', 'Consent to our security service'],
        ['sales@contoso.com', 'customer.example is not onboarded yet'],
      ],
    );
  });

  it('notifies the requester when the tenant has consented', async () => {
    const { mails, connect } = createMailbox();
    let waits = 0;
    const wait = async () => {
      if (++waits === 2) await consent(mails[0]?.Body ?? '');
    };
    await runWorkflow(definition.actions, {
      parameters: common,
      triggerBody,
      world: createPlatform({ connect, wait }),
    });
    assert.equal(waits, 2);
    assert.equal(mails[1]?.Subject, 'customer.example is onboarded');
  });
});
