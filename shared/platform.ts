import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Clock } from './clock.ts';
import type { Environment } from './config.ts';
import { lazy } from './lazy.ts';
import type { Observe } from './outbound/observation.ts';
import { createHttpClient } from './outbound/transport.ts';

/** The outside world as arguments: no other file uses the network, the clock, randomness or the environment. */
export interface Platform {
  httpClient: HttpClient;
  /** Connects to addresses that callers choose. */
  callbackClient: HttpClient;
  clock: Clock;
  environment: Environment;
  /** A number from 0 (inclusive) to 1 (exclusive). */
  random: () => number;
  observe: Observe;
}

const openCallbackClient = lazy(async () => {
  const { createCallbackClient } = await import('./outbound/callback-client.ts');
  return createCallbackClient(process.env);
});

/** The platform in production: Node.js and the environment of the process. */
export const nodePlatform: Omit<Platform, 'observe'> = {
  httpClient: createHttpClient(process.env),
  callbackClient: {
    sendRequest: async (request) => (await openCallbackClient()).sendRequest(request),
  },
  clock: {
    now: Date.now,
    startTimer(callback, delayMs) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  },
  environment: process.env,
  random: Math.random,
};
