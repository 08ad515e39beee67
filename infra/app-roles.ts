import { createHash } from 'node:crypto';
import { roleDescriptions } from '../shared/roles.ts';

/** One entry of `appRoles` in an app registration, as `az ad app` and Microsoft Graph take it. */
interface AppRole {
  allowedMemberTypes: ('Application' | 'User')[];
  displayName: string;
  description: string;
  id: string;
  isEnabled: boolean;
  value: string;
}

/** The application roles that the operations of the app require. */
export const toAppRoles = (): AppRole[] =>
  Object.entries(roleDescriptions).map(([value, description]) => ({
    allowedMemberTypes: ['Application', 'User'],
    displayName: value,
    description,
    id: toId(value),
    isEnabled: true,
    value,
  }));

/** A UUID of version 5: stable, because assignments refer to it. */
function toId(value: string): string {
  const bytes = createHash('sha1').update(`defender-functions/app-roles/${value}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

if (import.meta.main) console.log(JSON.stringify(toAppRoles(), undefined, 2));
