import * as z from 'zod/mini';
import { endpoint } from '../../shared/inbound/endpoint.ts';
import { json } from '../../shared/inbound/reply.ts';
import { events, eventTypes, permitDelivery, readValidationCode, toGridEvents } from './event-grid.ts';

/** What Event Grid tells of the vault: a rotated credential is picked up at once, one that expires is warned of. */
export const keyVaultEvents = endpoint({
  route: 'POST webhooks/key-vault',
  summary: 'Take events of Key Vault',
  role: 'AzureEventGridSecureWebhookSubscriber',
  description:
    'The webhook of an Event Grid subscription to the vault, in the Event Grid schema or as CloudEvents 1.0; it answers the validation handshake of both.',
  hasTenant: false,
  body: events,
  bodyTypes: eventTypes,
  handshake: permitDelivery,
  reply: json(z.object({ validationResponse: z.optional(z.string()) })),
  async handle({ body, services, log }) {
    const { watchKeyVault } = await import('../../shared/health/watch-key-vault.ts');
    const delivered = toGridEvents(body);
    for (const event of delivered) await watchKeyVault(services, event, log);
    const code = readValidationCode(delivered);
    return code === undefined ? {} : { validationResponse: code };
  },
});
