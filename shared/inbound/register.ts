import type { app as functionsApp } from '@azure/functions';
import type { Environment } from '../config.ts';
import { serve } from './boundary.ts';
import type { App, Endpoint } from './endpoint.ts';
import type { Job } from './job.ts';

type Functions = Record<string, Endpoint | Job>;

/** The app, as its own functions see it. */
export function createApp(functions: Functions, rest: Omit<App, 'endpoints'>): App {
  const endpoints = new Map<string, Endpoint>();
  for (const [name, declared] of Object.entries(functions)) {
    if (declared.kind === 'endpoint') endpoints.set(name, declared);
  }
  return { ...rest, endpoints };
}

/** Registers every function under its name with the Functions library. */
export function registerFunctions(
  functions: Functions,
  app: App,
  environment: Environment,
  library: Pick<typeof functionsApp, 'http' | 'timer'>,
): void {
  for (const [name, declared] of Object.entries(functions)) {
    if (declared.kind === 'endpoint') {
      library.http(name, {
        methods: [declared.method, ...(declared.hasHandshake ? (['OPTIONS'] as const) : [])],
        route: declared.route,
        authLevel: declared.authLevel,
        handler: (request, context) => serve(name, declared, app, request, context),
      });
    } else {
      const { setting, default: usual } = declared.schedule;
      library.timer(name, {
        schedule: environment[setting]?.trim() || usual,
        handler: (timer, context) => declared.run(app, timer, context),
      });
    }
  }
}
