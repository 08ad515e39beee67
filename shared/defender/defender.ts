import type { Config } from '../config.ts';
import { lazyObject } from '../lazy.ts';
import type { createAlerts } from './alerts.ts';
import { type CallContext, createDefenderClient, type DefenderDependencies } from './client.ts';
import type { createHunting } from './hunting.ts';
import { createIncidents } from './incidents.ts';
import type { createIndicators } from './indicators.ts';
import type { createMachineActions } from './machine-actions.ts';
import type { createMachines } from './machines.ts';

/** Defender's resources, bound to one principal in one tenant. */
export interface Defender {
  incidents: ReturnType<typeof createIncidents>;
  alerts: ReturnType<typeof createAlerts>;
  hunting: ReturnType<typeof createHunting>;
  machines: ReturnType<typeof createMachines>;
  machineActions: ReturnType<typeof createMachineActions>;
  indicators: ReturnType<typeof createIndicators>;
}

type DefenderConfig = Pick<Config, 'huntingApi' | 'machineActions'>;

export function createDefender(
  dependencies: DefenderDependencies,
  config: DefenderConfig,
  context: CallContext,
): Defender {
  const client = createDefenderClient(dependencies, context);
  return {
    incidents: createIncidents(client),
    alerts: lazyObject(async () => (await import('./alerts.ts')).createAlerts(client)),
    hunting: lazyObject(async () => (await import('./hunting.ts')).createHunting(client, config.huntingApi)),
    machines: lazyObject(async () => (await import('./machines.ts')).createMachines(client)),
    machineActions: lazyObject(async () =>
      (await import('./machine-actions.ts')).createMachineActions(client, config.machineActions),
    ),
    indicators: lazyObject(async () => (await import('./indicators.ts')).createIndicators(client)),
  };
}
