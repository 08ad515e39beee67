import * as z from 'zod/mini';
import { machineActionTypes } from '../../shared/config.ts';
import { isolationTypes, scanTypes } from '../../shared/defender/endpoint-enums.ts';
import { spelledOnce } from '../../shared/defender/enum-aliases.ts';
import { nonBlank, oneOf, sha1 } from '../../shared/inbound/input.ts';
import { withDescription } from '../../shared/schema.ts';

/** What to do to a machine. One object with the members of all types: a connector can show it as a form. */
export const machineActionInput = z
  .strictObject({
    type: withDescription(oneOf(spelledOnce(machineActionTypes)), 'What to do'),
    comment: withDescription(nonBlank, 'Why; Defender keeps it with the action'),
    isolationType: withDescription(z.optional(oneOf(isolationTypes)), 'Of isolate: how far; Full without it'),
    scanType: withDescription(z.optional(oneOf(scanTypes)), 'Of runAntiVirusScan: how much; Quick without it'),
    sha1: withDescription(z.optional(sha1), 'Of stopAndQuarantineFile, which needs it: the SHA-1 of the file'),
  })
  // Whatever else is wrong, so that all of it is told at once.
  .check(z.check(checkOwnMembers, { when: () => true }));

const typeByMember = { isolationType: 'isolate', scanType: 'runAntiVirusScan', sha1: 'stopAndQuarantineFile' } as const;

/** Each type has its own members; what is wrong with the others is told by the schema. */
function checkOwnMembers({ value, issues }: z.core.ParsePayload): void {
  const { type, ...members }: Record<string, unknown> = Object(value);
  if (!machineActionTypes.some((known) => known === type)) return;
  const tell = (member: string, message: string) =>
    issues.push({ code: 'custom', path: [member], message, input: members[member] });
  for (const [member, owner] of Object.entries(typeByMember)) {
    if (member in members && type !== owner) tell(member, `goes with ${owner} only`);
  }
  if (type === typeByMember.sha1 && members.sha1 === undefined) tell('sha1', 'is required');
}
