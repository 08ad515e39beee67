import * as z from 'zod/mini';
import { indicatorActions, indicatorSeverities, indicatorTypes } from '../defender/endpoint-spellings.ts';
import { described } from '../schema.ts';
import { instant, nonBlank, oneOf } from './input.ts';

/** What Defender for Endpoint shall do where it sees a value. */
export const indicatorInput = z
  .strictObject({
    indicatorValue: described(nonBlank, 'The value; an indicator that has it already is changed'),
    indicatorType: described(oneOf(indicatorTypes), 'What the value is'),
    action: described(oneOf(indicatorActions), 'What to do where it is seen'),
    title: described(nonBlank, 'The title of the alert'),
    description: described(nonBlank, 'What it is about'),
    application: described(z.optional(z.string()), 'The application that the indicator belongs to'),
    expirationTime: described(z.optional(instant), 'When it ends; never without it'),
    severity: described(z.optional(oneOf(indicatorSeverities)), 'The severity of the alert'),
    recommendedActions: described(z.optional(z.string()), 'What whoever sees the alert shall do'),
    rbacGroupNames: described(z.optional(z.array(nonBlank)), 'The device groups that it is for; all without it'),
    educateUrl: described(z.optional(z.string()), 'Where users who are warned or blocked can read more'),
    generateAlert: described(z.optional(z.boolean()), 'Whether an alert is raised; must be true for Audit'),
  })
  // Whatever else is wrong, so that all of it is told at once.
  .check(z.check(checkTogether, { when: () => true }));

const hashLengths: Readonly<Record<string, number>> = { FileMd5: 32, FileSha1: 40, FileSha256: 64 };

/** What depends on more than one member. */
function checkTogether({ value, issues }: z.core.ParsePayload): void {
  const { indicatorType, indicatorValue, action, generateAlert }: Record<string, unknown> = Object(value);
  const tell = (member: string, message: string, input: unknown) =>
    issues.push({ code: 'custom', path: [member], message, input });
  const mistake = findMistake(String(indicatorType), indicatorValue);
  if (mistake !== undefined) tell('indicatorValue', mistake, indicatorValue);
  if (action === 'Audit' && generateAlert !== true) {
    tell('generateAlert', 'must be true where action is Audit', generateAlert);
  }
}

/** Only what is certain: the rest is for Defender to judge. */
function findMistake(type: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (type === 'IpAddress' && value.includes('/')) return 'must be one address: Defender takes no ranges (CIDR)';
  const digits = hashLengths[type];
  const isHash = digits === undefined || (value.length === digits && /^[0-9a-f]+$/i.test(value));
  return isHash ? undefined : `must be ${digits} hexadecimal digits where indicatorType is ${type}`;
}
