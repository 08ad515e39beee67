import { keyOwner } from '../callers/owner-access.ts';
import type { Role } from '../roles.ts';
import type { Input } from './request-input.ts';

/** A role that an operation requires, where it depends on the input. */
export interface RoleByInput {
  anyOf: readonly Role[];
  choose(input: Input): Role;
}

/** What a caller may do in the app. What a user may do in Defender is for Defender to decide. */
export interface Access {
  /** Owner of the caller's subscriptions, hunts and results (shared/callers/owner-access.ts). */
  ownerId: string;
  /** Roles in the caller's token; undefined if a function key or signature grants all of them. */
  roles: readonly string[] | undefined;
  /** Whether the caller may act in a tenant that the app serves. */
  canActIn(tenantId: string): Promise<boolean>;
}

/** Whether a caller may see and delete what an owner has created. */
export const canSee = ({ ownerId, roles }: Pick<Access, 'ownerId' | 'roles'>, createdBy: string): boolean =>
  createdBy === ownerId || roles === undefined || roles.includes('Caller.ReadWrite');

/** The access of an anonymous caller. */
export const noAccess: Access = { ownerId: 'anonymous', roles: [], canActIn: async () => false };

/** The access of a function key without a token: every operation in every tenant. */
export const keyAccess: Access = { ownerId: keyOwner, roles: undefined, canActIn: async () => true };
