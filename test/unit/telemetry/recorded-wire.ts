import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';

/** One record as it is sent to Application Insights. */
export interface Envelope {
  time: string;
  tags: Record<string, string>;
  data: {
    baseType: string;
    baseData: {
      name?: string;
      properties: Record<string, string>;
      measurements?: Record<string, number>;
      metrics?: { name: string; value: number }[];
    };
  };
}

export const eventsOf = (envelopes: readonly Envelope[], name: string): Envelope[] =>
  envelopes.filter(({ data }) => data.baseType === 'EventData' && data.baseData.name === name);

/** Records requests to Application Insights, and every token and secret in other requests. */
export function recordWire(inner: HttpClient, isLocalAuthDisabled: boolean) {
  const credentials = new Set<string>();
  const sentTo: string[] = [];
  const ingestionTokens = new Set<string>();
  const bodies: string[] = [];

  async function sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const body = typeof request.body === 'string' ? request.body : '';
    if (!new URL(request.url).hostname.endsWith('.applicationinsights.azure.com')) {
      const response = await inner.sendRequest(request);
      const texts = [request.headers.get('authorization') ?? '', body, response.bodyAsText ?? ''];
      for (const text of texts) for (const credential of findCredentials(text)) credentials.add(credential);
      return response;
    }
    sentTo.push(request.url);
    const [, token] = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '') ?? [];
    if (token !== undefined) ingestionTokens.add(token);
    if (isLocalAuthDisabled && token === undefined) {
      const refusal = { errors: [{ index: 0, statusCode: 401, message: 'Local authentication is disabled' }] };
      return { request, status: 401, headers: createHttpHeaders(), bodyAsText: JSON.stringify(refusal) };
    }
    bodies.push(body);
    const count = JSON.parse(body).length;
    const reply = { itemsReceived: count, itemsAccepted: count, errors: [] };
    const headers = createHttpHeaders({ 'content-type': 'application/json' });
    return { request, status: 200, headers, bodyAsText: JSON.stringify(reply) };
  }

  return {
    httpClient: { sendRequest },
    credentials,
    sentTo,
    ingestionTokens,
    envelopes: (): Envelope[] => bodies.flatMap((body) => JSON.parse(body)),
  };
}

function findCredentials(text: string): string[] {
  const patterns = [
    /^Bearer (\S+)$/,
    /"access_token":"([^"]+)"/,
    /client_secret=([^&]+)/,
    /"value":"(sandbox-secret[^"]+)"/,
  ];
  return patterns.flatMap((pattern) => pattern.exec(text)?.[1] ?? []);
}
