import * as z from 'zod/mini';
import type { Api } from '../clouds.ts';
import { type Entity, malformed, parseEntity } from './entity.ts';

export interface HuntingColumn {
  name: string;
  type: string;
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
