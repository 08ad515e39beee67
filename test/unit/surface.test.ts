import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { app as functionsApp } from '@azure/functions';
import * as z from 'zod/mini';
import { surface } from '../../functions/surface.ts';
import type { Environment } from '../../shared/config.ts';
import { queueJob } from '../../shared/inbound/queue-job.ts';

import { createApp, readPublicSettings, registerFunctions } from '../../shared/inbound/register.ts';
import { toRegistrations } from '../../shared/inbound/registration.ts';

import { createFakeClock } from './fake-clock.ts';

/** The registrations with the Functions host, one line per function. */
function register(
  environment: Environment,
  functions: Parameters<typeof toRegistrations>[0] = surface,
): Record<string, string> {
  const registered: Record<string, string> = {};
  const library: Pick<typeof functionsApp, 'http' | 'timer' | 'storageQueue'> = {
    http(name, options) {
      assert.ok('route' in options);
      registered[name] = `${options.methods?.join(' ')} ${options.route} (${options.authLevel})`;
    },
    timer(name, { schedule, ...others }) {
      registered[name] = ['timer', schedule, ...Object.keys(others).filter((member) => member !== 'handler')].join(' ');
    },
    storageQueue(name, { queueName, connection }) {
      registered[name] = `queue ${queueName} of ${connection}`;
    },
  };
  const openServices = () => assert.fail('Registering needs no services');
  const app = createApp(toRegistrations(functions), {
    version: '1.2.3',
    clock: createFakeClock(),
    ...readPublicSettings(environment),
    openServices,
  });
  registerFunctions(toRegistrations(functions), app, environment, library);
  return registered;
}

test('the app registers these functions', () => {
  assert.deepEqual(register({ AzureWebJobsStorage: 'x' }), {
    listIncidents: 'GET incidents (function)',
    getIncident: 'GET incidents/{incidentId} (function)',
    updateIncident: 'PATCH incidents/{incidentId} (function)',
    listAlerts: 'GET alerts (function)',
    getAlert: 'GET alerts/{alertId} (function)',
    updateAlert: 'PATCH alerts/{alertId} (function)',
    runHuntingQuery: 'POST hunting (function)',
    getHuntingResult: 'GET hunting/{operationId} (function)',
    listMachines: 'GET machines (function)',
    getMachine: 'GET machines/{machineId} (function)',
    startMachineAction: 'POST machines/{machineId}/actions (function)',
    getMachineAction: 'GET machine-actions/{actionId} (function)',
    getInvestigationPackage: 'GET machine-actions/{actionId}/package (function)',
    listIndicators: 'GET indicators (function)',
    submitIndicator: 'POST indicators (function)',
    deleteIndicator: 'DELETE indicators/{indicatorId} (function)',
    pollIncidents: 'GET triggers/incidents (function)',
    subscribe: 'POST subscriptions (function)',
    listSubscriptions: 'GET subscriptions (function)',
    getSubscription: 'GET subscriptions/{subscriptionId} (function)',
    unsubscribe: 'DELETE subscriptions/{subscriptionId} (function)',
    listDeadLetters: 'GET subscriptions/{subscriptionId}/dead-letters (function)',
    resendDeadLetters: 'POST subscriptions/{subscriptionId}/dead-letters (function)',
    createHunt: 'POST hunts (function)',
    listHunts: 'GET hunts (function)',
    getHunt: 'GET hunts/{huntId} (function)',
    deleteHunt: 'DELETE hunts/{huntId} (function)',
    listTenants: 'GET tenants (function)',
    onboardTenant: 'POST tenants (function)',
    consentCallback: 'GET tenants/consent (anonymous)',
    offboardTenant: 'DELETE tenants/{tenantId} (function)',
    listCallers: 'GET callers (function)',
    getCaller: 'GET callers/{objectId} (function)',
    putCaller: 'PUT callers/{objectId} (function)',
    deleteCaller: 'DELETE callers/{objectId} (function)',
    keyVaultEvents: 'POST OPTIONS webhooks/key-vault (function)',
    commandWebhook: 'POST webhooks/commands (anonymous)',
    health: 'GET health (function)',
    ping: 'GET ping (anonymous)',
    openApi: 'GET openapi.json (anonymous)',
    swagger: 'GET swagger.json (anonymous)',
    docs: 'GET docs (anonymous)',
    checkCredentials: 'timer 0 0 * * * *',
    cleanUp: 'timer 0 20 * * * *',
    syncIncidents: 'timer 0 * * * * *',
    runScheduledHunts: 'timer 0 */5 * * * *',
    syncTenantIncidents: 'queue defender-incident-feed of AzureWebJobsStorage',
    deliverEvents: 'queue defender-deliveries of AzureWebJobsStorage',
    runQueuedHunt: 'queue defender-hunts of AzureWebJobsStorage',
  });
});

test('a schedule can be set, and a blank setting counts as absent', () => {
  assert.equal(register({ CHECK_CREDENTIALS_SCHEDULE: ' 0 30 * * * * ' }).checkCredentials, 'timer 0 30 * * * *');
  assert.equal(register({ CHECK_CREDENTIALS_SCHEDULE: ' ' }).checkCredentials, 'timer 0 0 * * * *');
});

test('queue functions are registered if a storage account is configured, by connection string or identity', () => {
  const onMessage = queueJob({ summary: 'x', queue: 'x-queue', message: z.string(), handle: async () => {} });
  const namings = [{ AzureWebJobsStorage: 'x' }, { AzureWebJobsStorage__accountName: 'x' }];
  for (const naming of namings)
    assert.deepEqual(register(naming, { onMessage }), { onMessage: 'queue x-queue of AzureWebJobsStorage' });
  for (const naming of [{}, { AzureWebJobsStorage: ' ' }]) assert.deepEqual(register(naming, { onMessage }), {});
});

test('only operations that change Defender are rejected in read-only mode', () => {
  const changing = Object.entries(surface).filter(
    ([, declared]) => declared.kind === 'endpoint' && declared.changesDefender,
  );
  assert.deepEqual(
    changing.map(([name]) => name),
    ['updateIncident', 'updateAlert', 'startMachineAction', 'submitIndicator', 'deleteIndicator'],
  );
});
