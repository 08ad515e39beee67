import type { Cursor } from '../defender/collection.ts';
import type { Defender } from '../defender/defender.ts';
import type { Log } from '../log.ts';
import type { Services } from '../services.ts';
import type { Principal } from '../tokens/principal.ts';
import type { App } from './app.ts';

/** What a function is given: its validated input, and Defender as the caller's principal in the caller's tenant. */
export interface HandlerContext<Path, Query, Body> {
  path: Path;
  query: Query;
  body: Body;
  /** Epoch milliseconds at which an earlier try of this very call began, of which nobody knows whether it did anything. */
  previousAttemptAt: number | undefined;
  /** Where a list goes on. */
  cursor: Cursor | undefined;
  defender: Defender;
  /** As whom, and in which tenant, the caller acts. */
  principal: Principal;
  /** Whether the caller would rather have long work accepted than done (`Prefer: respond-async`, RFC 7240). */
  prefersAsync: boolean;
  services: Services;
  app: App;
  /** The address of the app's API, as the caller reaches it. */
  baseUrl: string;
  /** The address of another operation, for the same tenant: without a key, which the caller brings. */
  linkTo(path: `/${string}`): string;
  log: Log;
}
