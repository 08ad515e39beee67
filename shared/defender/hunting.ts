import { RequestError, UpstreamError } from '../errors.ts';
import { serviceOf } from './api-error.ts';
import type { Call } from './call.ts';
import type { DefenderClient } from './client.ts';
import { createRespelling, type HuntingColumn, type HuntingResult } from './hunting-result.ts';
import { type HuntingPart, readHuntingStream } from './hunting-stream.ts';
import { huntInGraph, huntInXdr } from './permissions.ts';

export interface HuntingQuery {
  /** KQL. */
  query: string;
  /** ISO 8601 duration or interval; only Graph has one. */
  timespan?: string | undefined;
}

/** Takes a result while it arrives. */
type Keep = (parts: AsyncIterable<HuntingPart>) => Promise<void>;

/** Defender itself gives a query three minutes. */
const attemptTimeoutMs = 185_000;
/** Azure cuts an HTTP call at 230 seconds. */
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

/** Advanced hunting, in one shape whichever service answers. */
export function createHunting(client: DefenderClient, huntingApi: 'graph' | 'xdr') {
  const { path, permission, toBody } = backEnds[huntingApi];

  async function runInto(query: HuntingQuery, keep: Keep): Promise<void> {
    const call: Call = {
      operation: 'hunting.run',
      method: 'POST',
      path,
      body: toBody(query),
      permission,
      isIdempotent: true,
      attemptTimeoutMs,
      totalTimeoutMs,
      receive: (chunks) => keep(limitSize(readHuntingStream(permission.api, chunks))),
    };
    try {
      await client.send(call);
    } catch (error) {
      throw toHuntingError(error, huntingApi);
    }
  }

  return {
    /** @throws {RequestError} 400 with Defender's own sentence when it rejects the query. */
    async run(query: HuntingQuery): Promise<HuntingResult> {
      let schema: HuntingColumn[] = [];
      let rows: string[] = [];
      await runInto(query, async (parts) => {
        rows = [];
        for await (const part of parts) {
          if ('row' in part) rows.push(part.row);
          else schema = part.schema;
        }
      });
      return { schema, rows: rows.map(createRespelling(schema)) };
    },
    /**
     * The same, of any size: `keep` is given the result while it arrives. It begins anew when the answer breaks off and is asked for again;
     * what it throws goes on to the caller.
     */
    runInto,
    /** @throws {RequestError} 400 when the service in use cannot run it as it is. */
    async check(query: HuntingQuery): Promise<void> {
      toBody(query);
    },
  };
}

/** Defender itself ends at 50 MB, and a Logic App takes twice as much. */
const maxBytes = 100_000_000;

async function* limitSize(parts: AsyncIterable<HuntingPart>): AsyncGenerator<HuntingPart> {
  let bytes = 0;
  for await (const part of parts) {
    if ('row' in part) bytes += Buffer.byteLength(part.row);
    if (bytes > maxBytes)
      throw new RequestError(400, 'InvalidQuery', 'The result is larger than 100 MB.', {
        nextStep: 'Ask for fewer rows, with take or summarize, or for fewer columns, with project.',
      });
    yield part;
  }
}

/** Defender has no code for a query that took too long, and its sentence is not published: any that speaks of it will do. */
const gaveUp = /\btimed out\b|\bquery timeout\b|\b(allowed|maximum) (execution |run(ning)? )?time\b|\btime limit\b/i;

/** What the service said about the query, in the caller's terms. */
function toHuntingError(error: unknown, huntingApi: 'graph' | 'xdr'): unknown {
  if (!(error instanceof UpstreamError)) return error;
  const { upstream, message } = error;
  if (upstream.service !== serviceOf(backEnds[huntingApi].permission.api)) return error;
  switch (upstream.status) {
    case 400:
      if (!gaveUp.test(message)) return new RequestError(400, 'InvalidQuery', message, { upstream, cause: error });
      return new UpstreamError(message, { ...upstream, failure: 'timeout', cause: error });
    case 504:
      return new UpstreamError('Defender gave the query up.', { ...upstream, failure: 'timeout', cause: error });
    case 404:
    case 410:
      return new UpstreamError(message, {
        ...upstream,
        failure: 'refused',
        nextStep:
          huntingApi === 'xdr' ? 'Set DEFENDER_HUNTING_API to graph: the older endpoint is being retired.' : undefined,
        cause: error,
      });
    default:
      return error;
  }
}
