import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as z from 'zod/mini';
import { createPollingTrigger } from '../workflows/polling-trigger.ts';
import { runWorkflow } from '../workflows/run-workflow.ts';
import { findFaults, listWorkflows, readRoles, readWorkflow } from '../workflows/workflow-file.ts';
import { useApp } from './harness.ts';
import { subscriber } from './subscriber.ts';
import { createTestCloud } from './test-app.ts';
import { audience, createMailbox, createWorkflowScene } from './workflow-scene.ts';

const cloud = createTestCloud();
const app = await useApp({ cloud, hasStorage: true, settings: { CALLER_AUTHENTICATION: 'token' } });
const { host } = app;
const { addIncident, sync } = subscriber(app);
const { incidents, machines, machineActions } = cloud.securityOf(cloud.world.home.id);
const common = {
  appUrl: host.url,
  audience,
  functionKey: '',
  $connections: { teams: { connectionId: 'teams' }, office365: { connectionId: 'office365' } },
};

const incidentOf = (id: number) =>
  incidents.all().find(({ incidentId }) => incidentId === id) ?? assert.fail('The incident is gone');

describe('examples', async () => {
  for (const name of await listWorkflows()) {
    it(`${name} is a valid template and keeps the key secret`, async () => {
      assert.deepEqual(findFaults(await readWorkflow(name)), []);
    });
  }
});

describe('close-benign-incidents', async () => {
  const workflow = await readWorkflow('close-benign-incidents');
  const { send, createPlatform } = createWorkflowScene(app, await readRoles('close-benign-incidents'));
  const rules = z.array(z.unknown()).parse(workflow.template.parameters.rules?.defaultValue);
  const parameters = { ...common, rules };

  it('closes incidents that match a rule, once, and no others', async () => {
    const poll = createPollingTrigger(workflow, parameters, { send });
    assert.deepEqual(await poll(), []);
    const benign = addIncident({ incidentName: 'Eicar test file on one endpoint', severity: 'Low' });
    const severe = addIncident({ incidentName: 'EICAR test file on one endpoint', severity: 'High' });
    const other = addIncident({ incidentName: 'Multi-stage attack', severity: 'Low' });
    await sync();
    const runs = await poll();
    assert.equal(runs.length, 3);
    for (const triggerBody of runs)
      await runWorkflow(workflow.definition.actions, { parameters, triggerBody, world: createPlatform() });
    const { status, classification, determination, comments } = incidentOf(benign);
    assert.deepEqual(
      [status, classification, determination],
      ['Resolved', 'InformationalExpectedActivity', 'SecurityTesting'],
    );
    assert.equal(comments.filter(({ comment }) => comment.includes('"EICAR"')).length, 1);
    assert.deepEqual([incidentOf(severe).status, incidentOf(other).status], ['Active', 'Active']);
    assert.deepEqual(await poll(), []);
  });
});

describe('isolate-after-approval', async () => {
  const workflow = await readWorkflow('isolate-after-approval');
  const { send, createPlatform } = createWorkflowScene(app, await readRoles('isolate-after-approval'));
  const parameters = { ...common, teamId: 'team', channelId: 'channel' };
  const isolations = () => machineActions.all().filter(({ type }) => type === 'Isolate');

  async function runWith(decision: string, devices: (string | null)[]) {
    // The feed knows what happened before the trigger starts.
    await sync();
    const poll = createPollingTrigger(workflow, parameters, { send });
    await poll();
    const [alert] = incidents.all()[0]?.alerts ?? [];
    assert.ok(alert);
    const named = devices.map(
      (mdatpDeviceId) => ({ mdatpDeviceId, deviceDnsName: 'x' }) as (typeof alert.devices)[number],
    );
    addIncident({ severity: 'Medium' });
    const id = addIncident({
      severity: 'High',
      alerts: [
        { ...alert, devices: named },
        { ...alert, devices: named },
      ],
    });
    await sync();
    const runs = await poll();
    assert.equal(runs.length, 1);
    const asked: unknown[] = [];
    const connect = (_action: string, inputs: unknown) => {
      asked.push(inputs);
      return { data: { decision }, responder: { userPrincipalName: 'soc1@contoso.com' } };
    };
    const wait = async () => {
      for (const each of isolations()) machineActions.finish(each.id, 'Succeeded');
    };
    for (const triggerBody of runs)
      await runWorkflow(workflow.definition.actions, {
        parameters,
        triggerBody,
        world: createPlatform({ connect, wait }),
      });
    return { id, asked };
  }

  it('asks once per machine, isolates it and comments on the incident', async () => {
    const [machine] = machines;
    assert.ok(machine);
    const before = isolations().length;
    const { id, asked } = await runWith('isolate', [machine.id, null]);
    assert.equal(asked.length, 1);
    assert.match(JSON.stringify(asked), new RegExp(`${machine.computerDnsName}.*channel`));
    assert.equal(isolations().length, before + 1);
    assert.match(incidentOf(id).comments.at(-1)?.comment ?? '', /isolation Succeeded, approved by soc1@contoso\.com/);
  });

  it('does not isolate a machine without approval', async () => {
    const machine = machines[1];
    assert.ok(machine);
    const before = isolations().length;
    const { asked } = await runWith('leave', [machine.id]);
    assert.deepEqual([asked.length, isolations().length], [1, before]);
  });
});

describe('nightly-hunt', async () => {
  const workflow = await readWorkflow('nightly-hunt');
  const { createPlatform } = createWorkflowScene(app, await readRoles('nightly-hunt'));
  const parameters = { ...common, recipients: 'soc@contoso.com', subject: 'Hunt' };

  async function runWith(query: string) {
    const { mails, connect } = createMailbox();
    let waits = 0;
    const wait = async () => {
      waits++;
      await host.drainQueues();
    };
    await runWorkflow(workflow.definition.actions, {
      parameters: { ...parameters, query },
      triggerBody: null,
      world: createPlatform({ connect, wait }),
    });
    assert.equal(waits, 1, 'Expected one wait for the result');
    return mails;
  }

  it('mails the rows', async () => {
    const [mail, ...others] = await runWith('DeviceProcessEvents | project DeviceName | take 3');
    assert.deepEqual([mail?.To, mail?.Subject, others.length], ['soc@contoso.com', 'Hunt: 3', 0]);
    assert.equal(mail?.Body.match(/<td>/g)?.length, 3);
  });

  it('sends no mail for an empty result', async () => {
    assert.deepEqual(await runWith("DeviceInfo | where DeviceName == 'none'"), []);
  });

  it('has a default query that Defender accepts', async () => {
    await runWith(String(workflow.template.parameters.query?.defaultValue));
  });
});
