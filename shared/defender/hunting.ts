import { RequestError, UpstreamError } from '../errors.ts';
import { serviceOf } from './api-error.ts';
import type { Call } from './call.ts';
import type { DefenderClient } from './client.ts';
import { normalizeRows } from './hunting-rows.ts';
import { type HuntingPart, readHuntingStream } from './hunting-stream.ts';
import { huntInGraph, huntInXdr } from './permissions.ts';

export interface HuntingQuery {
  /** KQL. */
  query: string;
  /** ISO 8601 duration or interval. Supported by Graph only. */
  timespan?: string | undefined;
}

/** Consumes a result while it arrives: the columns, then the normalized rows. */
type Consume = (parts: AsyncIterable<HuntingPart>) => Promise<void>;

/** Defender ends a query after 3 minutes. */
const attemptTimeoutMs = 185_000;
/** Azure ends an HTTP call after 230 s. */
const totalTimeoutMs = 210_000;

const backEnds = {
  graph: {
    path: '/v1.0/security/runHuntingQuery',
    permission: huntInGraph,
    toBody: ({ query, timespan }: HuntingQuery) => ({
      Query: query,
      ...(timespan !== undefined && { Timespan: timespan }),
    }),
  },
  xdr: {
    path: '/api/advancedhunting/run',
    permission: huntInXdr,
    toBody: ({ query, timespan }: HuntingQuery) => {
      if (timespan === undefined) return { Query: query };
      const detail = 'is not supported with DEFENDER_HUNTING_API=xdr: filter by Timestamp in the query';
      throw new RequestError(400, 'InvalidRequest', `timespan ${detail}.`, {
        errors: [{ in: 'body', name: '/timespan', detail }],
      });
    },
  },
};

/** Advanced hunting, with the same result shape from both services. */
export function createHunting(client: DefenderClient, huntingApi: 'graph' | 'xdr') {
  const { path, permission, toBody } = backEnds[huntingApi];

  async function run(query: HuntingQuery, consume: Consume): Promise<void> {
    const call: Call = {
      operation: 'hunting.run',
      method: 'POST',
      path,
      body: toBody(query),
      permission,
      isIdempotent: true,
      attemptTimeoutMs,
      totalTimeoutMs,
      receive: (chunks) => consume(limitSize(normalize(readHuntingStream(permission.api, chunks)))),
    };
    try {
      await client.send(call);
    } catch (error) {
      throw toHuntingError(error, huntingApi);
    }
  }

  return {
    /**
     * Streams the result to `consume`, which is called again for each retry. An error from `consume` reaches the caller.
     * @throws {RequestError} 400 with Defender's message when it rejects the query.
     */
    run,
    /** Validates a query. @throws {RequestError} 400 when the service in use does not support it. */
    async check(query: HuntingQuery): Promise<void> {
      toBody(query);
    },
  };
}

/** Rows that come before the columns wait for them. */
async function* normalize(parts: AsyncIterable<HuntingPart>): AsyncGenerator<HuntingPart> {
  const early: string[] = [];
  let normalizeRow: ((row: string) => string) | undefined;
  for await (const part of parts) {
    if ('schema' in part) {
      yield part;
      normalizeRow = normalizeRows(part.schema);
      for (const row of early.splice(0)) yield { row: normalizeRow(row) };
    } else if (normalizeRow === undefined) early.push(part.row);
    else yield { row: normalizeRow(part.row) };
  }
}

/** Logic Apps accept 100 MB. Defender itself ends at 50 MB. */
const maxBytes = 100_000_000;

async function* limitSize(parts: AsyncIterable<HuntingPart>): AsyncGenerator<HuntingPart> {
  let bytes = 0;
  for await (const part of parts) {
    if ('row' in part) bytes += Buffer.byteLength(part.row);
    if (bytes > maxBytes)
      throw new RequestError(400, 'InvalidQuery', 'The result exceeds 100 MB.', {
        nextStep: 'Reduce the rows with take or summarize, or the columns with project.',
      });
    yield part;
  }
}

/** Defender has no error code for a query timeout, and its message is not documented. */
const queryTimeout =
  /\btimed out\b|\bquery timeout\b|\b(allowed|maximum) (execution |run |running )?time\b|\btime limit\b/i;

/** Turns the service's response to a query into the caller's problem. */
function toHuntingError(error: unknown, huntingApi: 'graph' | 'xdr'): unknown {
  if (!(error instanceof UpstreamError)) return error;
  const { upstream, message } = error;
  if (upstream.service !== serviceOf(backEnds[huntingApi].permission.api)) return error;
  switch (upstream.status) {
    case 400:
      if (!queryTimeout.test(message))
        return new RequestError(400, 'InvalidQuery', message, { upstream, cause: error });
      return new UpstreamError(message, { ...upstream, failure: 'timeout', cause: error });
    case 504:
      return new UpstreamError('Defender ended the query.', { ...upstream, failure: 'timeout', cause: error });
    case 404:
    case 410:
      return new UpstreamError(message, {
        ...upstream,
        failure: 'refused',
        nextStep:
          huntingApi === 'xdr' ? 'Set DEFENDER_HUNTING_API to graph. Microsoft retires the older endpoint.' : undefined,
        cause: error,
      });
    default:
      return error;
  }
}
