import type { Job } from './job.ts';
import type { QueueJob } from './queue-job.ts';
import type { Endpoint, Method } from './request-context.ts';

/** A function as the host sees it. Its declaration is loaded with its first call. */
type Registration = EndpointRegistration | JobRegistration | QueueJobRegistration;

export interface EndpointRegistration {
  kind: 'endpoint';
  method: Method;
  route: string;
  authLevel: 'function' | 'anonymous';
  /** Whether it answers OPTIONS requests. */
  hasHandshake: boolean;
  load(): Promise<Endpoint>;
}

interface JobRegistration extends Pick<Job, 'kind' | 'schedule'> {
  load(): Promise<Job>;
}

interface QueueJobRegistration extends Pick<QueueJob, 'kind' | 'queue'> {
  load(): Promise<QueueJob>;
}

/** Registrations by function name. */
export type Registrations = Readonly<Record<string, Registration>>;

/** The registrations of functions whose declarations are loaded. */
export function toRegistrations(functions: Readonly<Record<string, Endpoint | Job | QueueJob>>): Registrations {
  return Object.fromEntries(Object.entries(functions).map(([name, declared]) => [name, toRegistration(declared)]));
}

function toRegistration(declared: Endpoint | Job | QueueJob): Registration {
  switch (declared.kind) {
    case 'endpoint': {
      const { kind, method, route, authLevel, handshake } = declared;
      return { kind, method, route, authLevel, hasHandshake: handshake !== undefined, load: async () => declared };
    }
    case 'job':
      return { kind: declared.kind, schedule: declared.schedule, load: async () => declared };
    case 'queueJob':
      return { kind: declared.kind, queue: declared.queue, load: async () => declared };
  }
}
