import * as z from 'zod/mini';
import { indicatorActions, indicatorSeverities, indicatorTypes } from '../../shared/defender/endpoint-enums.ts';
import { instant, listOf, nonBlank, oneOf, text, upTo } from '../../shared/inbound/input.ts';
import { withDescription } from '../../shared/schema.ts';

/** An indicator to submit. */
export const indicatorInput = z
  .strictObject({
    indicatorValue: withDescription(text(2048), 'Value to match. An existing indicator with this value is replaced.'),
    indicatorType: withDescription(oneOf(indicatorTypes), 'Type of the value'),
    action: withDescription(oneOf(indicatorActions), 'Action on a match'),
    title: withDescription(nonBlank, 'Title of the alert'),
    description: withDescription(text(4096), 'Description of the indicator'),
    application: withDescription(z.optional(upTo(256)), 'Application associated with the indicator'),
    expirationTime: withDescription(z.optional(instant), 'Expiration time. Omit for no expiration.'),
    severity: withDescription(z.optional(oneOf(indicatorSeverities)), 'Severity of the alert'),
    recommendedActions: withDescription(z.optional(upTo(4096)), 'Recommended actions for the alert'),
    rbacGroupNames: withDescription(
      z.optional(listOf(nonBlank)),
      'Device groups that the indicator applies to. Default: all.',
    ),
    educateUrl: withDescription(z.optional(upTo(2048)), 'Link to information for users who are warned or blocked'),
    generateAlert: withDescription(
      z.optional(z.boolean()),
      'Whether a match raises an alert. Must be true for action Audit.',
    ),
    externalId: withDescription(z.optional(upTo(256)), 'ID of the indicator in the system of the caller'),
    category: withDescription(z.optional(z.int()), 'Number of the alert category. Not documented by Microsoft.'),
    mitreTechniques: withDescription(z.optional(listOf(nonBlank)), 'MITRE ATT&CK techniques, such as T1059.001'),
    bypassDurationHours: withDescription(
      z.optional(z.int().check(z.minimum(0))),
      'Hours for which users can bypass a warning. Not documented by Microsoft.',
    ),
    lookBackPeriod: withDescription(
      z.optional(upTo(64)),
      'Period to search for earlier matches. Not documented by Microsoft.',
    ),
    historicalDetection: withDescription(
      z.optional(z.boolean()),
      'Whether earlier matches raise alerts. Not documented by Microsoft.',
    ),
    notificationId: withDescription(
      z.optional(upTo(256)),
      'ID of the notification for users. Not documented by Microsoft.',
    ),
    notificationBody: withDescription(
      z.optional(upTo(4096)),
      'Text of the notification for users. Not documented by Microsoft.',
    ),
  })
  // Also when the schema has failed, so that every error is reported at once.
  .check(z.check(checkTogether, { when: () => true }));

const hashLengths: Readonly<Record<string, number>> = { FileMd5: 32, FileSha1: 40, FileSha256: 64 };

/** Checks rules that involve several members. */
function checkTogether({ value, issues }: z.core.ParsePayload): void {
  const { indicatorType, indicatorValue, action, generateAlert }: Record<string, unknown> = Object(value);
  const report = (member: string, message: string, input: unknown) =>
    issues.push({ code: 'custom', path: [member], message, input });
  const valueError = findValueError(String(indicatorType), indicatorValue);
  if (valueError !== undefined) report('indicatorValue', valueError, indicatorValue);
  if (action === 'Audit' && generateAlert !== true) {
    report('generateAlert', 'must be true for action Audit', generateAlert);
  }
}

/** Finds values that Defender certainly rejects. */
function findValueError(type: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (type === 'IpAddress' && value.includes('/'))
    return 'must be a single address: Defender does not support CIDR ranges';
  const digits = hashLengths[type];
  const isHash = digits === undefined || (value.length === digits && /^[0-9a-f]+$/i.test(value));
  return isHash ? undefined : `must be ${digits} hexadecimal digits for type ${type}`;
}
