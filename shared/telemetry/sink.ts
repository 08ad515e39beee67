import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Observation } from '../outbound/observation.ts';
import type { Operation } from './operation.ts';

/** An observation with its time (epoch milliseconds) and the host's request that it belongs to. */
export interface Observed {
  observation: Observation;
  at: number;
  operation: Operation | undefined;
}

/** Where observations go. */
export interface Sink {
  send(observed: Observed): void;
  /** Sends what is pending now. */
  flush(): Promise<void>;
}

export interface SinkOptions {
  connectionString: string;
  version: string;
  /** The name under which the host reports the app; undefined outside Azure. */
  siteName: string | undefined;
  httpClient: HttpClient;
  /** For a resource whose local authentication is disabled. */
  credential?: TokenCredential;
}

/** @throws {TypeError} for an invalid connection string. */
export type CreateSink = (options: SinkOptions) => Sink;
