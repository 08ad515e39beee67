/** A request without a response. */
export interface ConnectionFailure {
  /** The system's code, such as `ECONNREFUSED`. */
  code: string;
  /** Whether no connection was made, so that the service cannot have acted. */
  isUnsent: boolean;
}

const unsentCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);
/** These also end an established connection, over which the request may have been sent. */
const routingCodes = new Set(['EHOSTUNREACH', 'ENETUNREACH']);
/** Azure Core's code for any failure to send. */
const wrapperCode = 'REQUEST_SEND_ERROR';

/** Reads the system's error in one that an HTTP client or an SDK threw. */
export function toConnectionFailure(error: unknown): ConnectionFailure {
  for (const candidate of [error, error instanceof Error ? error.cause : undefined]) {
    if (!(candidate instanceof Error) || !('code' in candidate) || typeof candidate.code !== 'string') continue;
    const { code } = candidate;
    if (code === wrapperCode) continue;
    return { code, isUnsent: unsentCodes.has(code) || (routingCodes.has(code) && isConnecting(candidate)) };
  }
  return { code: wrapperCode, isUnsent: false };
}

/**
 * Whether the system failed to connect. Azure Core keeps only the message, which begins with the system call; that of an
 * `AggregateError` for several addresses, all of which were tried, is empty.
 */
function isConnecting(error: Error): boolean {
  const syscall = 'syscall' in error ? error.syscall : /^\w*/.exec(error.message)?.[0];
  return syscall === 'connect' || syscall === 'getaddrinfo' || error.message === '';
}
