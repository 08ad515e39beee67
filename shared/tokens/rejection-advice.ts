import { readGuid } from '../tenant-id.ts';

/** A client secret or certificate in Key Vault. */
export interface VaultCredentialConfig {
  kind: 'secret' | 'certificate';
  vaultUrl: string;
  name: string;
}

/** What an administrator can do when Entra rejects the credential. The id of a client secret is often stored instead of its value. */
export function adviseOnRejection(
  { kind, name, vaultUrl }: VaultCredentialConfig,
  value: string,
  code = '',
): string | undefined {
  if (kind === 'secret' && readGuid(value) !== undefined)
    return `Store the value of the client secret as a new version of ${name} in ${vaultUrl}: the stored text looks like the secret's id, a GUID. Entra shows the value only when the client secret is created.`;
  if (code === 'AADSTS7000215' || code === 'AADSTS7000222')
    return `Create a new client secret for the app registration in Entra and store its value as a new version of ${name} in ${vaultUrl}; no restart is needed.`;
  if (code === 'AADSTS700027')
    return `Upload the certificate ${name} in ${vaultUrl} to the app registration; no restart is needed.`;
  return undefined;
}
