import {
  createEmptyPipeline,
  decompressResponsePolicy,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  proxyPolicy,
  userAgentPolicy,
} from '@azure/core-rest-pipeline';

/** Sends one request, once: no retries, no redirects. */
export type Send = (request: PipelineRequest) => Promise<PipelineResponse>;

/**
 * The Azure Core pipeline, less what would act on its own: retrying is the caller's decision, which knows what is safe and how
 * long the caller's caller waits; a redirect could carry a token to another host.
 */
export function createTransport(httpClient: HttpClient): Send {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(proxyPolicy());
  pipeline.addPolicy(decompressResponsePolicy());
  pipeline.addPolicy(userAgentPolicy({ userAgentPrefix: 'defender-functions' }));
  return (request) => pipeline.sendRequest(httpClient, request);
}
