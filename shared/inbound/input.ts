import * as z from 'zod/mini';
import { classifications, determinations, type EnumAliases } from '../defender/enum-aliases.ts';
import { parsedString, stringMatching } from '../schema.ts';
import { readGuid, readTenant } from '../tenant-id.ts';

const instantPattern =
  /^(?<date>\d{4}-\d{2}-\d{2})T(?<minutes>\d{2}:\d{2})(:(?<seconds>\d{2})(?<fraction>\.\d{1,7})?)?(?<offset>Z|[+ -]\d{2}:\d{2})$/i;

/**
 * An instant with its offset, given on in UTC with every digit that it had: cut to milliseconds it would miss what happened in
 * between. A `+` that was not encoded arrives as a blank, and is meant as a plus.
 */
export const instant = parsedString(
  toUtc,
  'must be an ISO 8601 instant with an offset, such as 2026-11-20T09:30:00Z',
).register(z.globalRegistry, { format: 'date-time' });

function toUtc(text: string): string | undefined {
  const { date, minutes, seconds = '00', fraction = '', offset = 'Z' } = instantPattern.exec(text)?.groups ?? {};
  if (date === undefined || !isDate(date)) return undefined;
  const at = Date.parse(`${date}T${minutes}:${seconds}${offset.toUpperCase().replace(' ', '+')}`);
  return Number.isNaN(at) ? undefined : `${new Date(at).toISOString().slice(0, 19)}${fraction}Z`;
}

// Date.parse takes the 30th of February for the 2nd of March.
const isDate = (date: string) => z.iso.date().safeParse(date).success;

/** How many items the caller wants on a page. */
export const pageSize = z
  ._default(
    parsedString(
      (text) => (/^([1-9][0-9]{0,2}|1000)$/.test(text) ? Number(text) : undefined),
      'must be a whole number from 1 to 1000',
    ),
    100,
  )
  .register(z.globalRegistry, { type: 'integer', minimum: 1, maximum: 1000, default: 100 });

/** A tenant, by id or by one of its verified domains. */
export const tenantIdOrDomain = parsedString(readTenant, 'must be a tenant id (GUID) or a domain name');

/** The number of something, in a path. */
const numberOf = (what: string) =>
  parsedString(
    (text) => (/^[1-9][0-9]{0,14}$/.test(text) ? Number(text) : undefined),
    `must be the number of ${what}`,
  ).register(z.globalRegistry, { type: 'integer', format: 'int64' });

export const incidentId = numberOf('an incident');
export const indicatorId = numberOf('an indicator');

/** The id of an alert, in a path: it leads to that alert and to nothing else. */
export const alertId = stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:~=-]{0,255}$/, 'must be the id of an alert');

/** The id of a machine, in a path. */
export const machineId = parsedString(
  (text) => (/^[0-9a-f]{40}$/i.test(text) ? text.toLowerCase() : undefined),
  'must be the id of a machine: 40 hexadecimal digits',
).register(z.globalRegistry, { type: 'string', pattern: '^[0-9A-Fa-f]{40}$' });

/** The id of a machine action, in a path. */
export const actionId = parsedString(readGuid, 'must be the id of a machine action: a GUID').register(
  z.globalRegistry,
  {
    type: 'string',
    format: 'uuid',
  },
);

/** One value of an enumeration in any published spelling and any case, given on in the canonical one. */
export function oneOf<T extends string>(spellings: EnumAliases<T>, values: readonly T[] = spellings.canonical) {
  return parsedString(
    (text) => values.find((value) => value === spellings.toCanonical(text)),
    `must be one of ${values.join(', ')}`,
  ).register(z.globalRegistry, { type: 'string', enum: [...values] });
}

/** What a caller may say that an incident or alert turned out to be. */
export const settableClassification = oneOf(classifications, [
  'TruePositive',
  'InformationalExpectedActivity',
  'FalsePositive',
]);

/** What exactly; the rest are for reading, or are not taken any more. */
export const settableDetermination = oneOf(
  determinations,
  determinations.canonical.filter((value) => !['NotAvailable', 'Apt', 'SecurityPersonnel'].includes(value)),
);

/** Several values of `item` in one parameter, separated by commas. */
export function commaList<T extends z.ZodMiniType<unknown, string>>(item: T) {
  const split = z.pipe(
    z.string(),
    z.transform((text) => text.split(',').map((part) => part.trim())),
  );
  return z
    .pipe(split, z.array(item))
    .register(z.globalRegistry, { type: 'array', items: z.globalRegistry.get(item) ?? {} });
}

/** The SHA-1 of a file. */
export const sha1 = stringMatching(/^[0-9a-f]{40}$/i, 'must be a SHA-1: 40 hexadecimal digits');

/** Text that says something. */
export const nonBlank = stringMatching(/\S/, 'must not be blank');

/** A JSON object with any of these members, and at least one. */
export function someOf<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z
    .partial(z.strictObject(shape))
    .check(
      z.refine((body) => Object.keys(body).length > 0, `must have at least one of ${Object.keys(shape).join(', ')}`),
    )
    .register(z.globalRegistry, { minProperties: 1 });
}
