import { createHash } from 'node:crypto';
import { type InputError, RequestError } from '../../shared/errors.ts';
import type { CallRequest } from '../../shared/inbound/call-request.ts';
import type { Command } from './command.ts';

interface Target {
  operation: string;
  /** Route, with the parameter that `data` has beside the body's members. */
  path: `/${string}`;
  parameter?: string;
}

const targets: Record<Command['type'], Target> = {
  'incident.update': { operation: 'updateIncident', path: '/incidents/{incidentId}', parameter: 'incidentId' },
  'machine.action': { operation: 'startMachineAction', path: '/machines/{machineId}/actions', parameter: 'machineId' },
  'indicator.submit': { operation: 'submitIndicator', path: '/indicators' },
};

/** The operation that a command stands for, and the request that it would be. The message's id is the key under which it is done once. */
export function toCall({ type, tenantId, data }: Command, messageId: string, baseUrl: string) {
  const { operation, path, parameter } = targets[type];
  const { [parameter ?? '']: value, ...members } = data;
  const query = new URLSearchParams(tenantId === undefined ? [] : [['tenantId', tenantId]]);
  const headers = new Headers({ 'content-type': 'application/json', 'idempotency-key': toKey(messageId) });
  const request: CallRequest = {
    method: 'POST',
    url: `${baseUrl}${path.replace(/\{\w+\}/, encodeURIComponent(String(value)))}`,
    query,
    params: parameter === undefined || value === undefined ? {} : { [parameter]: String(value) },
    headers,
    text: async () => JSON.stringify(members),
    isCommand: true,
  };
  return { operation, request };
}

/** Of any length, and no caller's own key. */
const toKey = (messageId: string): string => `webhook-${createHash('sha256').update(messageId).digest('base64url')}`;

/** A mistake as the sender of the command made it: in the message, and not in the request that it stands for. */
export function asMistakeOfCommand(error: unknown): unknown {
  if (!(error instanceof RequestError) || error.errors === undefined) return error;
  const { status, code, message, headers, nextStep, upstream } = error;
  const errors = error.errors.map(({ in: where, name, detail }): InputError => {
    const pointer = where === 'body' ? `/data${name}` : where === 'path' ? `/data/${name}` : `/${name}`;
    return { in: 'body', name: pointer, detail };
  });
  return new RequestError(status, code, message, { errors, headers, nextStep, upstream, cause: error });
}
