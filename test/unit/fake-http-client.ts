import { createHttpHeaders, type HttpClient, type PipelineRequest, RestError } from '@azure/core-rest-pipeline';

/** One answer of the script. A body that is no text is written as JSON. */
export interface ScriptedReply {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** What happens to one request: an answer, a connection that breaks with this code, or silence until the caller gives up. */
export type ScriptedOutcome = ScriptedReply | { broken: string } | 'silence';

/** An outcome, or how to find it from the request. */
export type ScriptedStep = ScriptedOutcome | ((request: SentRequest) => ScriptedOutcome);

export interface SentRequest {
  method: string;
  url: URL;
  /** Headers by lower-case name. */
  headers: Record<string, string>;
  body: string | undefined;
}

export interface FakeHttpClient extends HttpClient {
  /** Every request so far, oldest first. */
  readonly requests: readonly SentRequest[];
  /** Adds to the script: the next request takes the first step that is left. */
  queue(...steps: ScriptedStep[]): void;
  /** How many steps no request has taken yet. */
  unused(): number;
}

/** An HttpClient that answers from a script, and fails a request for which the script has nothing. */
export function createFakeHttpClient(...script: ScriptedStep[]): FakeHttpClient {
  const steps = [...script];
  const requests: SentRequest[] = [];

  return {
    requests,
    queue: (...more) => {
      steps.push(...more);
    },
    unused: () => steps.length,
    async sendRequest(request) {
      const sent = toSentRequest(request);
      requests.push(sent);
      const step = steps.shift();
      if (step === undefined) throw new Error(`The script has no answer to ${sent.method} ${sent.url.href}`);
      const outcome = typeof step === 'function' ? step(sent) : step;
      if (outcome === 'silence') return await untilAborted(request);
      if ('broken' in outcome) throw new RestError(`The connection failed`, { code: outcome.broken, request });
      const { status = 200, headers = {}, body = '' } = outcome;
      const bodyAsText = typeof body === 'string' ? body : JSON.stringify(body);
      return { request, status, headers: createHttpHeaders(headers), bodyAsText };
    },
  };
}

function toSentRequest({ method, url, headers, body }: PipelineRequest): SentRequest {
  return {
    method,
    url: new URL(url),
    headers: headers.toJSON(),
    body: typeof body === 'string' ? body : undefined,
  };
}

function untilAborted({ abortSignal }: PipelineRequest): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' }));
    if (abortSignal?.aborted === true) abort();
    else abortSignal?.addEventListener('abort', abort);
  });
}
