import { RequestError, UnauthenticatedError } from '../errors.ts';
import { keyAccess } from './access.ts';
import { createAccess, requireRole } from './authorize.ts';
import { readAccessToken, resolveCaller as resolve, toUser } from './caller.ts';
import type { Reply } from './reply.ts';
import type { Endpoint, RequestContext, Step } from './request-context.ts';
import { checkInput, type ParsedBody, parseInput, type RawInput } from './request-input.ts';

type Perform = (context: RequestContext) => Promise<Reply>;

/** Runs the steps in order, then the operation. */
export function runSteps(steps: readonly Step[], context: RequestContext, perform: Perform): Promise<Reply> {
  const [step, ...others] = steps;
  if (step === undefined) return perform(context);
  return step(context, () => runSteps(others, context, perform));
}

/** Answers an OPTIONS request, by which a sender asks whether it may deliver. */
const handshake: Step = async ({ endpoint, request }, next) => {
  if (request.method !== 'OPTIONS' || endpoint.handshake === undefined) return await next();
  const headers = endpoint.handshake(request.headers);
  return { headers, contentType: 'application/json; charset=utf-8', body: '{}' };
};

const requireWritable: Step = async ({ endpoint, app }, next) => {
  if (endpoint.authLevel === 'anonymous') return await next();
  const { isReadOnly } = app.openServices().config;
  if (!isReadOnly || !endpoint.changesDefender) return await next();
  throw new RequestError(403, 'ReadOnly', 'The app does not change anything in Defender (DEFENDER_READ_ONLY=true).', {
    nextStep: 'Set DEFENDER_READ_ONLY to false to allow changes.',
  });
};

/** No claim is trusted before this step. A webhook sender that has a function key may bring a token that is not for this app. */
const validateToken: Step = async (context, next) => {
  const { endpoint, request, app } = context;
  if (endpoint.authLevel === 'anonymous') return await next();
  const services = app.openServices();
  if (endpoint.handshake !== undefined && services.config.callerAuthentication !== 'token') {
    context.access = keyAccess;
    return await next();
  }
  context.token = await readAccessToken(request.headers, services);
  context.user = context.token && toUser(context.token);
  context.access = createAccess(services, context);
  return await next();
};

const requireRoleOfCaller: Step = async (context, next) => {
  requireRole(context);
  return await next();
};

const negotiate: Step = async ({ endpoint, request }, next) => {
  endpoint.reply.requireAcceptable?.(request.headers.get('accept') ?? undefined);
  return await next();
};

const readInput: Step = async (context, next) => {
  const { endpoint, request } = context;
  context.input = parseInput(endpoint, request, endpoint.body && (await readJson(context)));
  return await next();
};

/** Loaded with the first request that has a body. */
async function readJson(context: RequestContext): Promise<ParsedBody> {
  const { endpoint, request } = context;
  const { parseBody, readBody } = await import('./request-body.ts');
  const bytes = await readBody(request, endpoint);
  if (bytes.byteLength > 0) await verify(context, bytes);
  return parseBody(bytes);
}

async function verify(context: RequestContext, body: Buffer): Promise<void> {
  try {
    await context.endpoint.verifyBody?.(body, context);
  } catch (error) {
    throw new UnauthenticatedError(error);
  }
}

const resolveCaller: Step = async (context, next) => {
  const { endpoint, app, user, access, input } = context;
  if (endpoint.hasTenant) context.caller = await resolve(app.openServices(), user, access, input.tenantId);
  return await next();
};

/** Loaded with the first call that has a key. */
const idempotency: Step = async (context, next) => {
  if (context.input.idempotencyKey === undefined) return await next();
  const { performOnce } = await import('./idempotency.ts');
  return await performOnce(context, context.input.idempotencyKey, next);
};

const isWrite = ({ changesDefender, takesIdempotencyKey, method }: Endpoint): boolean =>
  changesDefender || takesIdempotencyKey || method === 'DELETE' || method === 'PUT';

/** Loaded with the first write. Replayed responses are not audited. */
const audit: Step = async (context, next) => {
  if (!isWrite(context.endpoint)) return await next();
  const { recordWrite } = await import('./audit.ts');
  return await recordWrite(context, next);
};

const operationSteps: readonly Step[] = [requireRoleOfCaller, resolveCaller, idempotency, audit];

/** The steps of a request, in the order of the checks that callers can rely on. */
export const requestSteps: readonly Step[] = [
  handshake,
  requireWritable,
  validateToken,
  negotiate,
  readInput,
  ...operationSteps,
];

/** The steps of an operation that runs within another request, with input from there. */
export const executionSteps = (input: RawInput): readonly Step[] => [
  requireWritable,
  async (context, next) => {
    context.access = createAccess(context.app.openServices(), context);
    context.input = checkInput(context.endpoint, input);
    return await next();
  },
  ...operationSteps,
];
