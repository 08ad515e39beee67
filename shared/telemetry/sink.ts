import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Observation } from '../outbound/observation.ts';
import type { Operation } from './operation.ts';

/** An observation, when it was made (epoch milliseconds) and during which of the host's requests. */
export interface Observed {
  observation: Observation;
  at: number;
  operation: Operation | undefined;
}

/** Where observations go. */
export interface Sink {
  send(observed: Observed): void;
  /** Sends at once what has been collected. */
  flush(): Promise<void>;
}

export interface SinkOptions {
  connectionString: string;
  version: string;
  /** Under which name the host reports the app; absent on a laptop. */
  siteName: string | undefined;
  httpClient: HttpClient;
}

/** @throws when the connection string cannot be used. */
export type CreateSink = (options: SinkOptions) => Sink;
