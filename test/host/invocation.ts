import type { CoreInvocationContext, FunctionApp, RegisteredFunction } from './function-app.ts';
import type { Cookie, Invocation, InvocationResult, TriggerInput } from './messages.ts';

/** What the library makes of a handler's return value; only the HTTP part matters here. */
interface HttpReturnValue {
  http?: { statusCode: string; headers: Record<string, string>; cookies: Cookie[]; body?: { bytes: Uint8Array } };
}

export interface InvocationOutcome {
  readonly result: InvocationResult;
  readonly body?: Uint8Array;
}

/**
 * Runs one invocation the way the Node.js worker does: the library's own model makes the arguments and the reply, the
 * hooks run around the handler. Never rejects: a failure is part of the outcome.
 */
export async function runInvocation(
  app: FunctionApp,
  invocation: Invocation,
  body: Buffer,
): Promise<InvocationOutcome> {
  try {
    const registered = app.functions.get(invocation.functionName);
    if (!registered || !app.model) throw new Error(`Function "${invocation.functionName}" is not loaded.`);
    return await run(app, registered, invocation, body);
  } catch (error) {
    return { result: { error: stackOf(error) } };
  }
}

async function run(
  app: FunctionApp,
  { metadata, callback }: RegisteredFunction,
  invocation: Invocation,
  body: Buffer,
): Promise<InvocationOutcome> {
  const { invocationId, functionName } = invocation;
  let invocationContext: unknown;
  const coreContext: CoreInvocationContext = {
    invocationId,
    metadata,
    request: toRpcRequest(invocation, body),
    state: undefined,
    log: (level, category, message) =>
      app.log({ level, category, message, functionName, invocationId }, invocationContext),
  };
  const model = await app.model?.getInvocationModel(coreContext);
  if (!model) throw new Error('The app set no programming model.');
  const { context, inputs } = await model.getArguments();
  invocationContext = context;

  const shared = { hookData: {}, appHookData: app.appHookData, invocationContext: context };
  const before = { ...shared, inputs, functionCallback: callback };
  await inState('preInvocationHooks', () => app.runHooks('preInvocation', before));
  const after: { inputs: unknown[]; result: unknown; error: unknown } = {
    ...shared,
    inputs: before.inputs,
    result: null,
    error: null,
  };
  await inState('invocation', async () => {
    try {
      after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (error) {
      after.error = error ?? new Error(`The handler threw ${error}.`);
    }
  });
  await inState('postInvocationHooks', () => app.runHooks('postInvocation', after));
  if (after.error) throw after.error;
  const { returnValue } = await model.getResponse(context, after.result);
  return toOutcome(returnValue as HttpReturnValue | null | undefined);

  async function inState(state: CoreInvocationContext['state'], work: () => Promise<void>) {
    coreContext.state = state;
    try {
      await work();
    } finally {
      coreContext.state = undefined;
    }
  }
}

function toRpcRequest(invocation: Invocation, body: Buffer): object {
  return {
    invocationId: invocation.invocationId,
    functionId: invocation.functionName,
    inputData: [{ name: invocation.bindingName, data: toTypedData(invocation.input, body) }],
    triggerMetadata: invocation.triggerMetadata,
    traceContext: { traceParent: invocation.traceParent, traceState: invocation.traceState, attributes: {} },
  };
}

function toTypedData(input: TriggerInput, body: Buffer): object {
  if (!('http' in input)) return input;
  return { http: body.length > 0 ? { ...input.http, body: { bytes: body } } : input.http };
}

function toOutcome(returnValue: HttpReturnValue | null | undefined): InvocationOutcome {
  const http = returnValue?.http;
  if (!http) return { result: {} };
  const reply = { status: Number(http.statusCode), headers: http.headers, cookies: http.cookies };
  return { result: { http: reply }, ...(http.body && { body: http.body.bytes }) };
}

/** What to print of anything that can be thrown, with its causes. */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\n  caused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
