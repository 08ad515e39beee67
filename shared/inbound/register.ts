import type { app as functionsApp } from '@azure/functions';
import type { Environment } from '../config.ts';
import { baseUrl, choice } from '../setting-values.ts';
import { callerAuthentications } from '../settings.ts';
import { storageSetting } from '../storage-account.ts';
import { serve } from './boundary.ts';
import type { EndpointRegistration, Registrations } from './registration.ts';
import type { App, Endpoint } from './request-context.ts';

const callerSetting = 'CALLER_AUTHENTICATION';
const callerAuthentication = choice(callerAuthentications);

export function createApp(registrations: Registrations, rest: Omit<App, 'loadEndpoint' | 'loadEndpoints'>): App {
  async function loadEndpoint(name: string): Promise<Endpoint> {
    const registration = registrations[name];
    if (registration?.kind !== 'endpoint') throw new TypeError(`${name} is not an HTTP function`);
    return await registration.load();
  }
  const names = Object.keys(registrations).filter((name) => registrations[name]?.kind === 'endpoint');
  return {
    ...rest,
    loadEndpoint,
    loadEndpoints: async () =>
      new Map(await Promise.all(names.map(async (name) => [name, await loadEndpoint(name)] as const))),
  };
}

/** Settings that the API documents describe, which do not need valid settings. */
export const readPublicSettings = (environment: Environment): Pick<App, 'publicUrl' | 'callerAuthentication'> => ({
  publicUrl: baseUrl.safeParse(environment.PUBLIC_URL).data,
  callerAuthentication: callerAuthentication.safeParse(environment[callerSetting]?.trim()).data ?? 'key',
});

type Library = Pick<typeof functionsApp, 'http' | 'timer' | 'storageQueue'>;

/** Registers every function under its name with the Functions library. */
export function registerFunctions(
  registrations: Registrations,
  app: App,
  environment: Environment,
  library: Library,
): void {
  for (const [name, registration] of Object.entries(registrations)) {
    switch (registration.kind) {
      case 'endpoint':
        registerEndpoint(name, registration, app, library);
        break;
      case 'job': {
        const { setting, defaultValue } = registration.schedule;
        library.timer(name, {
          schedule: (setting && environment[setting]?.trim()) || defaultValue,
          handler: async (timer, context) => await (await registration.load()).run(app, timer, context),
        });
        break;
      }
      case 'queueJob':
        // Without a storage account, the host would report the function as broken.
        if (!namesStorage(environment)) break;
        library.storageQueue(name, {
          queueName: registration.queue,
          connection: storageSetting,
          handler: async (entry, context) => await (await registration.load()).run(app, entry, context),
        });
        break;
    }
  }
}

function registerEndpoint(name: string, registration: EndpointRegistration, app: App, library: Library): void {
  // The host would reject a call without a key before the app can validate its token.
  library.http(name, {
    methods: [registration.method, ...(registration.hasHandshake ? (['OPTIONS'] as const) : [])],
    route: registration.route,
    authLevel: app.callerAuthentication === 'token' ? 'anonymous' : registration.authLevel,
    handler: (request, context) => serve(name, registration, app, request, context),
  });
}

const namesStorage = (environment: Environment): boolean =>
  Object.entries(environment).some(
    ([name, value]) => (name === storageSetting || name.startsWith(`${storageSetting}__`)) && value?.trim(),
  );
