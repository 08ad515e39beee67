import * as z from 'zod/mini';
import { textAs } from '../schema.ts';
import { readGuid } from '../tenant-id.ts';

/** The id of a saved hunt, in a path. */
export const huntId = textAs(readGuid, 'must be the id of a saved hunt: a GUID').register(z.globalRegistry, {
  type: 'string',
  format: 'uuid',
});
