import { Readable } from 'node:stream';
import { createHttpHeaders, type HttpClient, type PipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { createBlobService } from './blob-service.ts';
import { createQueueService, type QueueService } from './queue-service.ts';
import { empty, type StorageAnswer, type StorageRequest } from './storage-exchange.ts';
import { createTableService } from './table-service.ts';

/** A call of the storage account, as a test sees it that decides what happens to it. */
export interface StorageCall {
  readonly service: 'table' | 'queue' | 'blob';
  readonly method: string;
  readonly url: string;
}

/** Answered; broken before the service acts; the response lost after it acted; or refused with this status. */
export type StorageFate = 'answered' | 'broken' | 'lost' | 500 | 503;

export interface StorageAccount extends HttpClient {
  /** Value of `AzureWebJobsStorage`. */
  readonly connectionString: string;
  readonly queues: QueueService;
  /** Every row as `table/partition/row`, every blob as `container/name`. */
  readonly contents: readonly string[];
  /** Number of requests so far. */
  readonly callCount: number;
  /** Asked for each request before it is carried out. */
  decide: (call: StorageCall) => StorageFate;
  /** Changes what the service answers. */
  rewrite: (answer: StorageAnswer) => StorageAnswer;
}

const domain = 'core.windows.net';

/** Whether a request is meant for a storage account. */
export const isStorageUrl = (url: string): boolean => new URL(url).hostname.endsWith(`.${domain}`);

/** An Azure storage account in memory, as the HTTP client of a pipeline; empty at first. Keys and signatures are not checked. */
export function createStorageAccount(now: () => number): StorageAccount {
  const queues = createQueueService(now);
  const tables = createTableService(now);
  const blobs = createBlobService(now);
  const services = { table: tables.answer, queue: queues.answer, blob: blobs.answer };
  let callCount = 0;
  const account: StorageAccount = {
    connectionString: `DefaultEndpointsProtocol=https;AccountName=sandbox;AccountKey=c2FuZGJveA==;EndpointSuffix=${domain}`,
    queues,
    get contents() {
      return [...tables.rowNames, ...blobs.blobNames];
    },
    get callCount() {
      return callCount;
    },
    decide: () => 'answered',
    rewrite: (answer) => answer,
    async sendRequest(request) {
      callCount++;
      const url = new URL(request.url);
      const [, name = ''] = url.hostname.split('.');
      const service = name === 'table' || name === 'queue' ? name : 'blob';
      const body = await readBody(request);
      // What follows is one turn of the event loop, as atomic as the service.
      const fate = account.decide({ service, method: request.method, url: request.url });
      if (fate === 'broken') throw connectionReset(request);
      if (typeof fate === 'number') return toResponse(request, empty(fate, { 'x-ms-error-code': 'ServerBusy' }));
      const asked: StorageRequest = { method: request.method, url, headers: request.headers.toJSON(), body };
      const answer = account.rewrite(services[service](asked));
      if (fate === 'lost') throw connectionReset(request);
      return toResponse(request, answer);
    },
  };
  return account;
}

async function readBody({ body }: PipelineRequest): Promise<Buffer> {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (body instanceof ArrayBuffer) return Buffer.from(body);
  throw new TypeError('The storage account in memory takes texts and bytes');
}

function toResponse(request: PipelineRequest, { status, headers, body }: StorageAnswer) {
  const response = { request, status, headers: createHttpHeaders({ ...headers }) };
  const streamed = request.streamResponseStatusCodes;
  return streamed?.has(status) || streamed?.has(Number.POSITIVE_INFINITY)
    ? { ...response, readableStreamBody: Readable.from([Buffer.from(body)]) }
    : { ...response, bodyAsText: body.toString() };
}

const connectionReset = (request: PipelineRequest): RestError =>
  new RestError('The connection was reset.', { code: 'ECONNRESET', request });
