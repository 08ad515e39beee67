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
  /** Each row as one line of JSON, with members named as the columns. */
  rows: string[];
}

const columnSchema = z.object({ name: z.string(), type: z.string() });
const columnsSchema = z.array(
  z.pipe(z.pipe(z.record(z.string(), z.unknown()), z.transform(lowerCaseMembers)), columnSchema),
);

function lowerCaseMembers(entity: Entity): Entity {
  return Object.fromEntries(Object.entries(entity).map(([member, value]) => [member.toLowerCase(), value]));
}

/** Parses the schema; member names differ in case between the services. @throws {UpstreamError} when it is malformed. */
export function parseColumns(api: Api, text: string): HuntingColumn[] {
  const parsed = columnsSchema.safeParse(parseEntity(api, `{"columns":${text}}`).columns);
  if (!parsed.success) throw malformed(api);
  return parsed.data;
}

/**
 * Renames the members of rows, given as JSON, to the names of the columns: published samples differ in case. The rows of a result have the
 * same members, so the first row decides.
 */
export function renameRows(schema: HuntingColumn[]): (row: string) => string {
  let rename: ((row: Entity) => Entity) | undefined;
  let isFirst = true;
  return (row) => {
    if (isFirst) rename = findRenaming(schema, parseExactly(row));
    isFirst = false;
    return rename === undefined ? row : JSON.stringify(rename(parseExactly(row)));
  };
}

/** `undefined` when the members already have the names of the columns. */
function findRenaming(schema: HuntingColumn[], first: Entity): ((row: Entity) => Entity) | undefined {
  const names = new Set(schema.map(({ name }) => name));
  if (Object.keys(first).every((member) => names.has(member))) return undefined;
  const nameByLowerCase = new Map(schema.map(({ name }) => [name.toLowerCase(), name]));
  const toName = (member: string) =>
    names.has(member) ? member : (nameByLowerCase.get(member.toLowerCase()) ?? member);
  return (row) => Object.fromEntries(Object.entries(row).map(([member, value]) => [toName(member), value]));
}
