/** What the library registers for a function, as far as a host reads it. */
export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: unknown;
}

export interface Binding {
  readonly type: string;
  readonly direction: string;
  readonly [property: string]: unknown;
}

/** A request as the real host hands it to a worker: names and values flattened into plain records. */
export interface HttpRequestData {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
}

export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: { value: string };
  readonly path?: { value: string };
  readonly expires?: { value: { seconds: number } };
  readonly secure?: { value: boolean };
  readonly httpOnly?: { value: boolean };
  readonly maxAge?: { value: number };
  /** `explicitNone` is `SameSite=None`, `none` is no attribute. */
  readonly sameSite?: 'lax' | 'strict' | 'none' | 'explicitNone';
}

export interface HttpReplyData {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly Cookie[];
}

/** What sets a function off. The bytes of an HTTP body travel beside the message. */
export type TriggerInput = { readonly http: HttpRequestData } | { readonly json: string } | { readonly string: string };

export interface Invocation {
  readonly invocationId: string;
  readonly functionName: string;
  readonly bindingName: string;
  readonly input: TriggerInput;
  readonly triggerMetadata?: Readonly<Record<string, { json: string } | { string: string }>>;
  readonly traceParent: string;
  readonly traceState?: string;
}

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';
export type LogCategory = 'user' | 'system' | 'customMetric';

export interface LogLine {
  readonly level: LogLevel;
  readonly category: LogCategory;
  readonly message: string;
  readonly functionName?: string;
  readonly invocationId?: string;
}

/** How a run ended: `error` is the exception's stack, a missing `http` that the handler returned nothing. */
export interface InvocationResult {
  readonly error?: string;
  readonly http?: HttpReplyData;
}

export interface StartedApp {
  readonly functions: readonly FunctionMetadata[];
  /** Where the library listens if the app turned HTTP streaming on. */
  readonly httpUri?: string;
}

export type HostMessage = { readonly kind: 'invoke'; readonly invocation: Invocation } | { readonly kind: 'terminate' };

export type WorkerMessage =
  | { readonly kind: 'started'; readonly app: StartedApp }
  | { readonly kind: 'failedToStart'; readonly error: string }
  | { readonly kind: 'log'; readonly line: LogLine }
  | { readonly kind: 'result'; readonly invocationId: string; readonly result: InvocationResult };
