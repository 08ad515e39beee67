import { createAlerts } from './alerts.ts';
import { type CallContext, createDefenderClient, type DefenderWorld } from './client.ts';
import { createHunting } from './hunting.ts';
import { createIncidents } from './incidents.ts';

/** All that can be asked of Defender, as one principal in one tenant. */
export interface Defender {
  incidents: ReturnType<typeof createIncidents>;
  alerts: ReturnType<typeof createAlerts>;
  hunting: ReturnType<typeof createHunting>;
}

export function createDefender(world: DefenderWorld, huntingApi: 'graph' | 'xdr', context: CallContext): Defender {
  const client = createDefenderClient(world, context);
  return {
    incidents: createIncidents(client),
    alerts: createAlerts(client),
    hunting: createHunting(client, huntingApi),
  };
}
