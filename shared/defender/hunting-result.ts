import * as z from 'zod/mini';
import type { Api } from '../clouds.ts';
import { parseExactly } from './exact-json.ts';
import { type Entity, malformed, parseEntity } from './service-page.ts';

export interface HuntingColumn {
  name: string;
  type: string;
}

export interface HuntingResult {
  schema: HuntingColumn[];
  /** Each as its JSON, in one line, members spelled as the columns are. */
  rows: string[];
}

const columnSchema = z.object({ name: z.string(), type: z.string() });
const columnsSchema = z.array(
  z.pipe(z.pipe(z.record(z.string(), z.unknown()), z.transform(lowerCaseMembers)), columnSchema),
);

function lowerCaseMembers(entity: Entity): Entity {
  return Object.fromEntries(Object.entries(entity).map(([member, value]) => [member.toLowerCase(), value]));
}

/** Either service may write them in either case. @throws {UpstreamError} when they are no columns. */
export function parseColumns(api: Api, text: string): HuntingColumn[] {
  const parsed = columnsSchema.safeParse(parseEntity(api, `{"columns":${text}}`).columns);
  if (!parsed.success) throw malformed(api);
  return parsed.data;
}

/**
 * Gives rows, which come as their JSON, the spelling of the columns: published samples differ in it. The rows of one result are alike, so
 * that the first tells of all.
 */
export function createRespelling(schema: HuntingColumn[]): (row: string) => string {
  let normalizeEnums: ReturnType<typeof findRespelling>;
  let isFirst = true;
  return (row) => {
    if (isFirst) normalizeEnums = findRespelling(schema, parseExactly(row));
    isFirst = false;
    return normalizeEnums === undefined ? row : JSON.stringify(normalizeEnums(parseExactly(row)));
  };
}

/** How to give a row, and those that are like it, the spelling of the columns; undefined where they have it. */
function findRespelling(schema: HuntingColumn[], first: Entity): ((row: Entity) => Entity) | undefined {
  const names = new Set(schema.map(({ name }) => name));
  if (Object.keys(first).every((member) => names.has(member))) return undefined;
  const nameByLowerCase = new Map(schema.map(({ name }) => [name.toLowerCase(), name]));
  const normalizeEnums = (member: string) =>
    names.has(member) ? member : (nameByLowerCase.get(member.toLowerCase()) ?? member);
  return (row) => Object.fromEntries(Object.entries(row).map(([member, value]) => [normalizeEnums(member), value]));
}
