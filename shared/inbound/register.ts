import type { app as functionsApp } from '@azure/functions';
import type { Environment } from '../config.ts';
import { baseUrl, choice } from '../setting-values.ts';
import { callerAuthentications } from '../settings.ts';
import { storageSetting } from '../storage-account.ts';
import type { App, Endpoint } from './app.ts';
import { serve } from './boundary.ts';
import type { Job } from './job.ts';
import type { QueueJob } from './queue-job.ts';

const callerSetting = 'CALLER_AUTHENTICATION';
const callerAuthentication = choice(callerAuthentications);

type Functions = Record<string, Endpoint | Job | QueueJob>;

export function createApp(functions: Functions, rest: Omit<App, 'endpoints'>): App {
  const endpoints = new Map<string, Endpoint>();
  for (const [name, declared] of Object.entries(functions)) {
    if (declared.kind === 'endpoint') endpoints.set(name, declared);
  }
  return { ...rest, endpoints };
}

/** Settings that the API documents describe, which do not need valid settings. */
export const readPublicSettings = (environment: Environment): Pick<App, 'publicUrl' | 'callerAuthentication'> => ({
  publicUrl: baseUrl.safeParse(environment.PUBLIC_URL).data,
  callerAuthentication: callerAuthentication.safeParse(environment[callerSetting]?.trim()).data ?? 'key',
});

type Library = Pick<typeof functionsApp, 'http' | 'timer' | 'storageQueue'>;

/** Registers every function under its name with the Functions library. */
export function registerFunctions(functions: Functions, app: App, environment: Environment, library: Library): void {
  for (const [name, declared] of Object.entries(functions)) {
    switch (declared.kind) {
      case 'endpoint':
        registerEndpoint(name, declared, app, library);
        break;
      case 'job': {
        const { setting, defaultValue } = declared.schedule;
        library.timer(name, {
          schedule: (setting && environment[setting]?.trim()) || defaultValue,
          handler: (timer, context) => declared.run(app, timer, context),
        });
        break;
      }
      case 'queueJob':
        // Without a storage account, the host would report the function as broken.
        if (!namesStorage(environment)) break;
        library.storageQueue(name, {
          queueName: declared.queue,
          connection: storageSetting,
          handler: (entry, context) => declared.run(app, entry, context),
        });
        break;
    }
  }
}

function registerEndpoint(name: string, declared: Endpoint, app: App, library: Library): void {
  // The host would reject a call without a key before the app can validate its token.
  library.http(name, {
    methods: [declared.method, ...(declared.handshake === undefined ? [] : (['OPTIONS'] as const))],
    route: declared.route,
    authLevel: app.callerAuthentication === 'token' ? 'anonymous' : declared.authLevel,
    handler: (request, context) => serve(name, declared, app, request, context),
  });
}

const namesStorage = (environment: Environment): boolean =>
  Object.entries(environment).some(
    ([name, value]) => (name === storageSetting || name.startsWith(`${storageSetting}__`)) && value?.trim(),
  );
