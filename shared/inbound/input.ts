import * as z from 'zod/mini';
import type { EnumAliases } from '../defender/enum-aliases.ts';
import { parsedString, stringMatching } from '../schema.ts';
import { readGuid, readTenant } from '../tenant-id.ts';

const instantPattern =
  /^(?<date>\d{4}-\d{2}-\d{2})T(?<minutes>\d{2}:\d{2})(:(?<seconds>\d{2})(?<fraction>\.\d{1,7})?)?(?<offset>Z|[+ -]\d{2}:\d{2})$/i;

/**
 * An instant with an offset, converted to UTC with all of its fractional digits: rounded to milliseconds, a filter would skip entities.
 * An unencoded `+` arrives as a blank and is read as a plus.
 */
export const instant = parsedString(
  toUtc,
  'must be an ISO 8601 timestamp with an offset, such as 2026-11-20T09:30:00Z',
).register(z.globalRegistry, { format: 'date-time' });

function toUtc(text: string): string | undefined {
  const { date, minutes, seconds = '00', fraction = '', offset = 'Z' } = instantPattern.exec(text)?.groups ?? {};
  if (date === undefined || !isDate(date)) return undefined;
  const at = Date.parse(`${date}T${minutes}:${seconds}${offset.toUpperCase().replace(' ', '+')}`);
  return Number.isNaN(at) ? undefined : `${new Date(at).toISOString().slice(0, 19)}${fraction}Z`;
}

// Date.parse reads February 30 as March 2.
const isDate = (date: string) => z.iso.date().safeParse(date).success;

/** The page size that the caller wants. */
export const pageSize = z
  ._default(
    parsedString(
      (text) => (/^([1-9][0-9]{0,2}|1000)$/.test(text) ? Number(text) : undefined),
      'must be a whole number from 1 to 1000',
    ),
    100,
  )
  .register(z.globalRegistry, { type: 'integer', minimum: 1, maximum: 1000, default: 100 });

/** A tenant by id or verified domain. */
export const tenantIdOrDomain = parsedString(readTenant, 'must be a tenant id (GUID) or a domain name');

const idNumber = (what: string) =>
  parsedString(
    (text) => (/^[1-9][0-9]{0,14}$/.test(text) ? Number(text) : undefined),
    `must be ${what} id, a positive number`,
  ).register(z.globalRegistry, { type: 'integer', format: 'int64' });

export const incidentId = idNumber('an incident');
export const indicatorId = idNumber('an indicator');

/** The id of an alert in a path. It cannot lead to another resource. */
export const alertId = stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:~=-]{0,255}$/, 'must be an alert id');

export const machineId = parsedString(
  (text) => (/^[0-9a-f]{40}$/i.test(text) ? text.toLowerCase() : undefined),
  'must be a machine id, 40 hexadecimal digits',
).register(z.globalRegistry, { type: 'string', pattern: '^[0-9A-Fa-f]{40}$' });

export const actionId = parsedString(readGuid, 'must be a machine action id, a GUID').register(z.globalRegistry, {
  type: 'string',
  format: 'uuid',
});

/** An enumeration value in any published spelling and any case, converted to the canonical spelling. */
export function oneOf<T extends string>(spellings: EnumAliases<T>, values: readonly T[] = spellings.canonical) {
  return parsedString(
    (text) => values.find((value) => value === spellings.toCanonical(text)),
    `must be one of ${values.join(', ')}`,
  ).register(z.globalRegistry, { type: 'string', enum: [...values] });
}

/** Comma-separated values of `item`. */
export function commaList<T extends z.ZodMiniType<unknown, string>>(item: T) {
  const split = z.pipe(
    z.string(),
    z.transform((text) => text.split(',').map((part) => part.trim())),
  );
  return z
    .pipe(split, z.array(item))
    .register(z.globalRegistry, { type: 'array', items: z.globalRegistry.get(item) ?? {} });
}

export const sha1 = stringMatching(/^[0-9a-f]{40}$/i, 'must be a SHA-1 hash, 40 hexadecimal digits');

/** A string of at most `maxLength` characters, which may be empty. */
export const upTo = (maxLength: number) => z.string().check(z.maxLength(maxLength));

/** Text of at most `maxLength` characters that is not blank. */
export const text = (maxLength: number) =>
  z.string().check(z.maxLength(maxLength, { abort: true }), z.regex(/\S/, 'must not be blank'));

/** A list in a body. */
export const listOf = <T extends z.ZodMiniType>(item: T, maxItems = 20) => z.array(item).check(z.maxLength(maxItems));

export const nonBlank = text(256);
export const comment = text(4096);
export const kql = text(16_384);

/** A JSON object with at least one of these members. */
export function someOf<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z
    .partial(z.strictObject(shape))
    .check(
      z.refine((body) => Object.keys(body).length > 0, `must have at least one of ${Object.keys(shape).join(', ')}`),
    )
    .register(z.globalRegistry, { minProperties: 1 });
}
