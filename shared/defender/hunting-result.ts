import * as z from 'zod/mini';
import type { Api } from '../clouds.ts';
import { type Entity, malformed, parseEntity } from './service-page.ts';

export interface HuntingColumn {
  name: string;
  type: string;
}

export interface HuntingResult {
  schema: HuntingColumn[];
  results: Entity[];
}

const columnSchema = z.object({ name: z.string(), type: z.string() });
const columnsSchema = z.array(
  z.pipe(z.pipe(z.record(z.string(), z.unknown()), z.transform(lowerCaseMembers)), columnSchema),
);
const resultSchema = z.object({
  schema: columnsSchema,
  results: z.array(z.custom<Entity>((row) => typeof row === 'object' && row !== null && !Array.isArray(row))),
});

/**
 * Reads the answer of either service: they differ in the case of the envelope's members, and published samples in that of the
 * rows' too, which are given the column's own spelling.
 * @throws {UpstreamError} when it is no hunting result.
 */
export function parseHuntingResult(api: Api, text: string): HuntingResult {
  const parsed = resultSchema.safeParse(lowerCaseMembers(parseEntity(api, text)));
  if (!parsed.success) throw malformed(api);
  const { schema, results } = parsed.data;
  return { schema, results: respellRows(schema, results) };
}

function lowerCaseMembers(entity: Entity): Entity {
  return Object.fromEntries(Object.entries(entity).map(([member, value]) => [member.toLowerCase(), value]));
}

/** @throws {UpstreamError} when they are no columns. */
export function parseColumns(api: Api, text: string): HuntingColumn[] {
  const parsed = columnsSchema.safeParse(parseEntity(api, `{"columns":${text}}`).columns);
  if (!parsed.success) throw malformed(api);
  return parsed.data;
}

function respellRows(schema: HuntingColumn[], rows: Entity[]): Entity[] {
  const [first] = rows;
  const respell = first && findRespelling(schema, first);
  return respell === undefined ? rows : rows.map(respell);
}

/** How to give a row, and those that are like it, the spelling of the columns; undefined where they have it. */
export function findRespelling(schema: HuntingColumn[], first: Entity): ((row: Entity) => Entity) | undefined {
  const names = new Set(schema.map(({ name }) => name));
  if (Object.keys(first).every((member) => names.has(member))) return undefined;
  const nameByLowerCase = new Map(schema.map(({ name }) => [name.toLowerCase(), name]));
  const respell = (member: string) =>
    names.has(member) ? member : (nameByLowerCase.get(member.toLowerCase()) ?? member);
  return (row) => Object.fromEntries(Object.entries(row).map(([member, value]) => [respell(member), value]));
}
