import { getAlert } from './alerts/get-alert.ts';
import { listAlerts } from './alerts/list-alerts.ts';
import { updateAlert } from './alerts/update-alert.ts';
import { deleteCaller } from './callers/delete-caller.ts';
import { getCaller } from './callers/get-caller.ts';
import { listCallers } from './callers/list-callers.ts';
import { putCaller } from './callers/put-caller.ts';
import { commandWebhook } from './commands/command-webhook.ts';
import { docs } from './documents/docs.ts';
import { openApi } from './documents/open-api.ts';
import { swagger } from './documents/swagger.ts';
import { createHunt } from './hunting/create-hunt.ts';
import { deleteHunt } from './hunting/delete-hunt.ts';
import { getHunt } from './hunting/get-hunt.ts';
import { getHuntingResult } from './hunting/get-hunting-result.ts';
import { listHunts } from './hunting/list-hunts.ts';
import { runHuntingQuery } from './hunting/run-hunting-query.ts';
import { runQueuedHunt } from './hunting/run-queued-hunt.ts';
import { runScheduledHunts } from './hunting/run-scheduled-hunts.ts';
import { getIncident } from './incidents/get-incident.ts';
import { listIncidents } from './incidents/list-incidents.ts';
import { pollIncidents } from './incidents/poll-incidents.ts';
import { syncIncidents } from './incidents/sync-incidents.ts';
import { syncTenantIncidents } from './incidents/sync-tenant-incidents.ts';
import { updateIncident } from './incidents/update-incident.ts';
import { deleteIndicator } from './indicators/delete-indicator.ts';
import { listIndicators } from './indicators/list-indicators.ts';
import { submitIndicator } from './indicators/submit-indicator.ts';
import { getInvestigationPackage } from './machines/get-investigation-package.ts';
import { getMachine } from './machines/get-machine.ts';
import { getMachineAction } from './machines/get-machine-action.ts';
import { listMachines } from './machines/list-machines.ts';
import { startMachineAction } from './machines/start-machine-action.ts';
import { checkCredentials } from './operations/check-credentials.ts';
import { cleanUp } from './operations/clean-up.ts';
import { health } from './operations/health.ts';
import { keyVaultEvents } from './operations/key-vault-events.ts';
import { ping } from './operations/ping.ts';
import { deliverEvents } from './subscriptions/deliver-events.ts';
import { getSubscription } from './subscriptions/get-subscription.ts';
import { listDeadLetters } from './subscriptions/list-dead-letters.ts';
import { listSubscriptions } from './subscriptions/list-subscriptions.ts';
import { resendDeadLetters } from './subscriptions/resend-dead-letters.ts';
import { subscribe } from './subscriptions/subscribe.ts';
import { unsubscribe } from './subscriptions/unsubscribe.ts';
import { consentCallback } from './tenants/consent-callback.ts';
import { listTenants } from './tenants/list-tenants.ts';
import { offboardTenant } from './tenants/offboard-tenant.ts';
import { onboardTenant } from './tenants/onboard-tenant.ts';

/** Every function of the app by its name in the Functions host. */
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
  listCallers,
  getCaller,
  putCaller,
  deleteCaller,
  keyVaultEvents,
  commandWebhook,
  health,
  ping,
  openApi,
  swagger,
  docs,
  checkCredentials,
  cleanUp,
  syncIncidents,
  runScheduledHunts,
  syncTenantIncidents,
  deliverEvents,
  runQueuedHunt,
};
