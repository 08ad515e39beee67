import { checkCredentials } from './check-credentials.ts';
import { commandWebhook } from './command-webhook.ts';
import { consentCallback } from './consent-callback.ts';
import { createHunt } from './create-hunt.ts';
import { deleteHunt } from './delete-hunt.ts';
import { deleteIndicator } from './delete-indicator.ts';
import { deliverEvents } from './deliver-events.ts';
import { docs } from './docs.ts';
import { getAlert } from './get-alert.ts';
import { getHunt } from './get-hunt.ts';
import { getHuntingResult } from './get-hunting-result.ts';
import { getIncident } from './get-incident.ts';
import { getInvestigationPackage } from './get-investigation-package.ts';
import { getMachine } from './get-machine.ts';
import { getMachineAction } from './get-machine-action.ts';
import { getSubscription } from './get-subscription.ts';
import { health } from './health.ts';
import { keyVaultEvents } from './key-vault-events.ts';
import { listAlerts } from './list-alerts.ts';
import { listDeadLetters } from './list-dead-letters.ts';
import { listHunts } from './list-hunts.ts';
import { listIncidents } from './list-incidents.ts';
import { listIndicators } from './list-indicators.ts';
import { listMachines } from './list-machines.ts';
import { listSubscriptions } from './list-subscriptions.ts';
import { listTenants } from './list-tenants.ts';
import { offboardTenant } from './offboard-tenant.ts';
import { onboardTenant } from './onboard-tenant.ts';
import { openApi } from './open-api.ts';
import { ping } from './ping.ts';
import { pollIncidents } from './poll-incidents.ts';
import { resendDeadLetters } from './resend-dead-letters.ts';
import { runHuntingQuery } from './run-hunting-query.ts';
import { runQueuedHunt } from './run-queued-hunt.ts';
import { runScheduledHunts } from './run-scheduled-hunts.ts';
import { startMachineAction } from './start-machine-action.ts';
import { submitIndicator } from './submit-indicator.ts';
import { subscribe } from './subscribe.ts';
import { swagger } from './swagger.ts';
import { syncIncidents } from './sync-incidents.ts';
import { syncTenantIncidents } from './sync-tenant-incidents.ts';
import { unsubscribe } from './unsubscribe.ts';
import { updateAlert } from './update-alert.ts';
import { updateIncident } from './update-incident.ts';

/** All that this app offers, under the names by which the Functions host knows it. */
export const surface = {
  listIncidents,
  getIncident,
  updateIncident,
  listAlerts,
  getAlert,
  updateAlert,
  runHuntingQuery,
  getHuntingResult,
  listMachines,
  getMachine,
  startMachineAction,
  getMachineAction,
  getInvestigationPackage,
  listIndicators,
  submitIndicator,
  deleteIndicator,
  pollIncidents,
  subscribe,
  listSubscriptions,
  getSubscription,
  unsubscribe,
  listDeadLetters,
  resendDeadLetters,
  createHunt,
  listHunts,
  getHunt,
  deleteHunt,
  listTenants,
  onboardTenant,
  consentCallback,
  offboardTenant,
  keyVaultEvents,
  commandWebhook,
  health,
  ping,
  openApi,
  swagger,
  docs,
  checkCredentials,
  syncIncidents,
  runScheduledHunts,
  syncTenantIncidents,
  deliverEvents,
  runQueuedHunt,
};
