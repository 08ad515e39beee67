import type { TokenCredential } from '@azure/core-auth';
import type { Config } from '../config.ts';
import type { SdkWorld } from '../outbound/sdk-call.ts';
import { openLazily } from './lazy-table.ts';
import type { Table } from './tables.ts';

/** The storage account of the function app. Its SDKs are loaded with their first use: most calls need none. */
export interface Storage {
  openTable(name: string): Table;
}

/** Undefined where the app has no storage account. */
export function createStorage(
  { storage: account, managedIdentityClientId }: Pick<Config, 'storage' | 'managedIdentityClientId'>,
  world: SdkWorld,
  openIdentity: (clientId: string | undefined) => TokenCredential,
): Storage | undefined {
  if (account === undefined) return undefined;
  const { authorization } = account;
  const ownClientId = authorization.kind === 'identity' ? authorization.clientId : undefined;
  const managedIdentity = openIdentity(ownClientId ?? managedIdentityClientId);
  const opened = new Map<string, Table>();
  return {
    openTable(name) {
      const table =
        opened.get(name) ??
        openLazily(async () => {
          const { createTable } = await import('./tables.ts');
          return createTable({ name, account, managedIdentity, world });
        });
      opened.set(name, table);
      return table;
    },
  };
}
