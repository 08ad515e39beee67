import * as z from 'zod/mini';
import { isolationTypes, scanTypes } from '../../shared/defender/endpoint-enums.ts';
import { defineEnum } from '../../shared/defender/enum-aliases.ts';
import type { RoleByInput } from '../../shared/inbound/access.ts';
import { comment, oneOf, sha1 } from '../../shared/inbound/input.ts';
import type { Role } from '../../shared/roles.ts';
import { withDescription } from '../../shared/schema.ts';
import { type MachineActionType, machineActionTypes } from '../../shared/settings.ts';

/** A machine action to start. One object with the members of all types, because connectors show it as a form. */
export const machineActionInput = z
  .strictObject({
    type: withDescription(oneOf(defineEnum(machineActionTypes)), 'Type of the action'),
    comment: withDescription(comment, 'Reason for the action, stored by Defender'),
    isolationType: withDescription(z.optional(oneOf(isolationTypes)), 'Scope of isolate. Default: Full.'),
    scanType: withDescription(z.optional(oneOf(scanTypes)), 'Scope of runAntiVirusScan. Default: Quick.'),
    sha1: withDescription(z.optional(sha1), 'SHA-1 of the file. Required for stopAndQuarantineFile.'),
  })
  // Also when the schema has failed, so that every error is reported at once.
  .check(z.check(checkOwnMembers, { when: () => true }));

const typeByMember = { isolationType: 'isolate', scanType: 'runAntiVirusScan', sha1: 'stopAndQuarantineFile' } as const;

/** Checks which members the type allows and requires. An unknown type is reported by the schema. */
function checkOwnMembers({ value, issues }: z.core.ParsePayload): void {
  const { type, ...members }: Record<string, unknown> = Object(value);
  if (!machineActionTypes.some((known) => known === type)) return;
  const report = (member: string, message: string) =>
    issues.push({ code: 'custom', path: [member], message, input: members[member] });
  for (const [member, owner] of Object.entries(typeByMember)) {
    if (member in members && type !== owner) report(member, `is allowed only for type ${owner}`);
  }
  if (type === typeByMember.sha1 && members.sha1 === undefined)
    report('sha1', `is required for type ${typeByMember.sha1}`);
}

const roleByType: Readonly<Record<MachineActionType, Role>> = {
  isolate: 'Machine.Isolate',
  unisolate: 'Machine.Isolate',
  runAntiVirusScan: 'Machine.Scan',
  collectInvestigationPackage: 'Machine.CollectForensics',
  stopAndQuarantineFile: 'Machine.StopAndQuarantine',
  restrictCodeExecution: 'Machine.RestrictExecution',
  unrestrictCodeExecution: 'Machine.RestrictExecution',
  offboard: 'Machine.Offboard',
};

const validated = z.looseObject({ type: z.enum(machineActionTypes) });

/** Each kind of action has a role of its own. */
export const machineActionRole: RoleByInput = {
  anyOf: [...new Set(Object.values(roleByType))],
  choose: ({ body }) => roleByType[validated.parse(body).type],
};
