import type { Call } from '../../../shared/defender/call.ts';
import { huntInGraph, readIncidents, writeIncidents } from '../../../shared/defender/permissions.ts';

/** Asking for it twice does no harm. */
export const safeCall: Call = {
  operation: 'things.read',
  method: 'GET',
  path: '/api/things?$top=1',
  permission: readIncidents,
  isIdempotent: true,
};

export const unsafeCall: Call = {
  operation: 'things.change',
  method: 'PATCH',
  path: '/api/things/1',
  body: { name: 'ü' },
  permission: writeIncidents,
  isIdempotent: false,
};

export const graphCall: Call = { ...safeCall, path: '/v1.0/things', permission: huntInGraph };
