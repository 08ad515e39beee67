import { Agent } from 'node:https';
import {
  createDefaultHttpClient,
  createEmptyPipeline,
  decompressResponsePolicy,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  userAgentPolicy,
} from '@azure/core-rest-pipeline';

/**
 * Calls out over connections that are kept: through a proxy too (`HTTPS_PROXY`, `NO_PROXY`), where the Azure SDK's own agent would
 * open a new one, with a TLS handshake, for every request.
 */
export function createHttpClient(proxyEnvironment: Record<string, string | undefined>): HttpClient {
  const agent = new Agent({ keepAlive: true, proxyEnv: proxyEnvironment });
  const client = createDefaultHttpClient();
  return {
    sendRequest(request) {
      if (request.url.startsWith('https:')) request.agent = agent;
      return client.sendRequest(request);
    },
  };
}

/** Sends one request, once: no retries, no redirects. */
export type Send = (request: PipelineRequest) => Promise<PipelineResponse>;

/**
 * The Azure Core pipeline, less what would act on its own: retrying is the caller's decision, which knows what is safe and how
 * long the caller's caller waits; a redirect could carry a token to another host.
 */
export function createTransport(httpClient: HttpClient): Send {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(decompressResponsePolicy());
  pipeline.addPolicy(userAgentPolicy({ userAgentPrefix: 'defender-functions' }));
  return (request) => pipeline.sendRequest(httpClient, request);
}
