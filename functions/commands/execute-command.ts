import { createHash } from 'node:crypto';
import { type InputError, RequestError } from '../../shared/errors.ts';
import type { Reply } from '../../shared/inbound/reply.ts';
import type { RequestContext } from '../../shared/inbound/request-context.ts';
import type { Command } from './command.ts';

interface Target {
  operation: string;
  /** The member of `data` that is a path parameter of the operation; all others are its body. */
  parameter?: string;
}

const targets: Record<Command['type'], Target> = {
  'incident.update': { operation: 'updateIncident', parameter: 'incidentId' },
  'machine.action': { operation: 'startMachineAction', parameter: 'machineId' },
  'indicator.submit': { operation: 'submitIndicator' },
};

/**
 * Runs the operation that a command names, with the message id as its idempotency key.
 * @throws {RequestError} 403 for a command that WEBHOOK_COMMANDS does not list; what the operation throws: its input errors name members of the message.
 */
export async function executeCommand(command: Command, context: RequestContext): Promise<Reply> {
  if (!context.app.openServices().config.webhookCommands.includes(command.type)) throw notAllowed(command.type);
  const { operation, parameter } = targets[command.type];
  const endpoint = await context.app.loadEndpoint(operation);
  const { [parameter ?? '']: value, ...body } = command.data;
  const input = {
    path: parameter === undefined || value === undefined ? {} : { [parameter]: String(value) },
    query: {},
    body,
    tenantId: command.tenantId,
    idempotencyKey: toKey(context.request.headers.get('webhook-id') ?? ''),
  };
  try {
    return await endpoint.execute({ ...context, operation, channel: 'signedCommand' }, input);
  } catch (error) {
    throw toCommandError(error);
  }
}

const notAllowed = (type: string): RequestError =>
  new RequestError(403, 'ActionNotAllowed', `Signed commands of type ${type} are not allowed.`, {
    nextStep: 'Add the type to the setting WEBHOOK_COMMANDS to allow it.',
  });

/** Fits every message id. */
const toKey = (messageId: string): string => `webhook-${createHash('sha256').update(messageId).digest('base64url')}`;

function toCommandError(error: unknown): unknown {
  if (!(error instanceof RequestError) || error.errors === undefined) return error;
  const { status, code, message, headers, nextStep, upstream } = error;
  const errors = error.errors.map(({ in: where, name, detail }): InputError => {
    const pointer = where === 'body' ? `/data${name}` : where === 'path' ? `/data/${name}` : `/${name}`;
    return { in: 'body', name: pointer, detail };
  });
  return new RequestError(status, code, message, { errors, headers, nextStep, upstream, cause: error });
}
