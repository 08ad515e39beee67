import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { CallContext } from './defender/client.ts';
import type { Defender } from './defender/defender.ts';
import type { Observe } from './outbound/observation.ts';
import type { Storage } from './storage/storage.ts';
import type { Tenants } from './tenants/tenants.ts';

/** What the automation depends on. */
export interface AutomationParts {
  config: Config;
  clock: Clock;
  random: () => number;
  observe: Observe;
  storage: Storage;
  tenants: Tenants;
  /** Defender as one principal in one tenant. */
  openDefender(context: CallContext): Defender;
}

/** What runs by itself, over the app's storage. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the parts that follow
export interface Automation {}

/** Wires what runs by itself; loaded with its first use, since most calls need none of it. */
export function createAutomation(_parts: AutomationParts): Automation {
  return {};
}
