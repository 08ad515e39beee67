import type { HttpRequest } from '@azure/functions';

/** What is read of a request: of one that the host hands over, or of one that a command stands for. */
export interface CallRequest extends Pick<HttpRequest, 'method' | 'url' | 'query' | 'params'> {
  headers: Pick<HttpRequest['headers'], 'get'>;
  text(): Promise<string>;
  /** Whether a signed command stands behind it rather than a caller with a key. */
  isCommand?: boolean;
}
