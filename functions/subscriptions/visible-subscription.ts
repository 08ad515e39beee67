import { type Access, canSee } from '../../shared/inbound/access.ts';
import { requireFound } from '../../shared/inbound/require-found.ts';
import type { Services } from '../../shared/services.ts';
import type { SubscriptionStatus } from '../../shared/webhooks/subscription-admin.ts';

/** @throws {RequestError} 404 for a subscription that does not exist or that the caller may not see. */
export async function requireVisible(services: Services, access: Access, id: string): Promise<SubscriptionStatus> {
  const { subscriptionAdmin } = await services.openAutomation();
  const found = await subscriptionAdmin.find(id);
  const isVisible = found !== undefined && canSee(access, found.subscription.createdBy);
  return requireFound(isVisible ? found : undefined, `Subscription ${id}`);
}
