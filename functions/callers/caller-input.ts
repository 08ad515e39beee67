import { commandOwner } from '../../shared/callers/owner-access.ts';
import { parsedString, withDescription } from '../../shared/schema.ts';
import { readGuid } from '../../shared/tenant-id.ts';

/** The caller that a grant is for, in a path. */
export const callerId = withDescription(
  parsedString(
    (text) => (text === commandOwner ? text : readGuid(text)),
    `must be an object id (GUID) or ${commandOwner}`,
  ),
  'Object ID (`oid`) of a service principal or user, or `commandWebhook` for signed commands',
);
