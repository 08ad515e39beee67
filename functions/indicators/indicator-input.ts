import * as z from 'zod/mini';
import { indicatorActions, indicatorSeverities, indicatorTypes } from '../../shared/defender/endpoint-enums.ts';
import { instant, nonBlank, oneOf } from '../../shared/inbound/input.ts';
import { withDescription } from '../../shared/schema.ts';

/** What Defender for Endpoint shall do where it sees a value. */
export const indicatorInput = z
  .strictObject({
    indicatorValue: withDescription(nonBlank, 'The value; an indicator that has it already is changed'),
    indicatorType: withDescription(oneOf(indicatorTypes), 'What the value is'),
    action: withDescription(oneOf(indicatorActions), 'What to do where it is seen'),
    title: withDescription(nonBlank, 'The title of the alert'),
    description: withDescription(nonBlank, 'What it is about'),
    application: withDescription(z.optional(z.string()), 'The application that the indicator belongs to'),
    expirationTime: withDescription(z.optional(instant), 'When it ends; never without it'),
    severity: withDescription(z.optional(oneOf(indicatorSeverities)), 'The severity of the alert'),
    recommendedActions: withDescription(z.optional(z.string()), 'What whoever sees the alert shall do'),
    rbacGroupNames: withDescription(z.optional(z.array(nonBlank)), 'The device groups that it is for; all without it'),
    educateUrl: withDescription(z.optional(z.string()), 'Where users who are warned or blocked can read more'),
    generateAlert: withDescription(z.optional(z.boolean()), 'Whether an alert is raised; must be true for Audit'),
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
