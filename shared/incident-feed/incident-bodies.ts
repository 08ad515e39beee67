import { readBlobText } from '../storage/blob-text.ts';
import type { BlobContainer } from '../storage/blobs.ts';
import { packMembers, unpackMembers } from '../storage/packed-members.ts';
import type { TableEntity } from '../storage/tables.ts';

interface VersionId {
  incidentId: number;
  version: string;
}

/** The incidents of a tenant as JSON: in the rows of the log or, where one is too large for a row, as blobs. */
export interface IncidentBodies {
  /** The members of the log row. A blob is written first, under a name of its own for every version. */
  store(of: VersionId, text: string): Promise<Record<string, string | boolean>>;
  /** Undefined when the body is gone or cannot be read. */
  read(of: VersionId, row: TableEntity): Promise<string | undefined>;
  removeBlob(of: VersionId): Promise<void>;
}

export function createIncidentBodies(tenantId: string, blobs: BlobContainer): IncidentBodies {
  const nameOf = ({ incidentId, version }: VersionId) => `${tenantId}/${incidentId}/${version}`;
  return {
    async store(of, text) {
      const members = packMembers(text);
      if (members !== undefined) return { ...members, isLarge: false };
      await blobs.write(nameOf(of), text);
      return { isLarge: true };
    },
    async read(of, row) {
      const text = row.isLarge === true ? await readBlobText(blobs, nameOf(of)) : unpack(row);
      return text !== undefined && isObject(text) ? text : undefined;
    },
    removeBlob: (of) => blobs.delete(nameOf(of)),
  };
}

function unpack(row: TableEntity): string | undefined {
  try {
    return unpackMembers(row);
  } catch {
    return undefined;
  }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
