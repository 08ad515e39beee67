import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { json } from '../../shared/inbound/reply.ts';
import { withDescription } from '../../shared/schema.ts';
import { events, eventTypes, permitDelivery, readValidationCode, toGridEvents } from './event-grid.ts';

/** Events of Key Vault: a new version of a secret is read within a minute, an expiring one raises a warning. */
export const keyVaultEvents = endpoint({
  route: 'POST webhooks/key-vault',
  summary: 'Receive Key Vault events',
  role: 'AzureEventGridSecureWebhookSubscriber',
  description:
    'Webhook for an Event Grid subscription to Key Vault, in the Event Grid schema or CloudEvents 1.0, with the validation handshake of both.',
  hasTenant: false,
  body: events,
  bodyTypes: eventTypes,
  handshake: permitDelivery,
  reply: json(
    z.object({ validationResponse: withDescription(z.optional(z.string()), 'Validation code of the handshake') }),
  ),
  async handle({ body, services, log }) {
    const { watchKeyVault } = await import('../../shared/health/watch-key-vault.ts');
    const delivered = toGridEvents(body);
    await watchKeyVault(services, delivered, log);
    const code = readValidationCode(delivered);
    return code === undefined ? {} : { validationResponse: code };
  },
});
