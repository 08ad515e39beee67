import * as z from 'zod/mini';
import type { Table } from '../storage/tables.ts';

const partitionKey = 'domain';
const rowSchema = z.object({ tenantId: z.string() });

/**
 * Keeps the tenant id of each configured domain in storage: a domain that gets a new owner must not lead to the new owner's tenant.
 * Without storage nothing is kept. Fails as the table and `request` do.
 */
export function createDomainPins(findTable: () => Table | undefined) {
  return async (domain: string, request: () => Promise<string | undefined>): Promise<string | undefined> => {
    const table = findTable();
    if (table === undefined) return await request();
    const read = async () => rowSchema.safeParse(await table.get(partitionKey, domain)).data?.tenantId;
    const stored = await read();
    if (stored !== undefined) return stored;
    const tenantId = await request();
    if (tenantId === undefined) return undefined;
    const isFirst = await table.insert({ partitionKey, rowKey: domain, tenantId });
    return isFirst ? tenantId : ((await read()) ?? tenantId);
  };
}
