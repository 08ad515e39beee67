import { type Entity, isEntity } from './entity.ts';
import type { EnumAliases } from './enum-aliases.ts';

/** The enumerations of a kind of entity, by member. */
export interface EntityEnums {
  enumByMember: ReadonlyMap<string, EnumAliases>;
  /** A member whose list elements have the same enumerations. */
  nestedList: string | undefined;
  /** Matches one of the members with a text value in compact JSON. */
  pattern: RegExp;
}

export const defineEntityEnums = (enumByMember: Record<string, EnumAliases>, nestedList?: string): EntityEnums => ({
  enumByMember: new Map(Object.entries(enumByMember)),
  nestedList,
  pattern: new RegExp(`"(?:${Object.keys(enumByMember).join('|')})":"[^"\\\\]*"`, 'g'),
});

/** Rewritten members: how often each occurred, by its compact JSON, such as `"status":"active"`. */
type Changes = Map<string, { count: number; replacement: string }>;

/** Rewrites the enumerations of an entity in place, to canonical spelling. Unknown values stay. */
export function normalizeEnums(enums: EntityEnums, entity: Entity, changes: Changes = new Map()): void {
  normalizeMembers(enums, entity, changes);
  const nested = enums.nestedList === undefined ? undefined : entity[enums.nestedList];
  if (Array.isArray(nested)) for (const each of nested) if (isEntity(each)) normalizeMembers(enums, each, changes);
}

function normalizeMembers({ enumByMember }: EntityEnums, entity: Entity, changes: Changes): void {
  for (const [member, { toCanonical }] of enumByMember) {
    const given = entity[member];
    if (typeof given !== 'string') continue;
    const canonical = toCanonical(given);
    if (canonical === undefined || canonical === given) continue;
    entity[member] = canonical;
    const json = `"${member}":"${given}"`;
    const change = changes.get(json);
    if (change === undefined) changes.set(json, { count: 1, replacement: `"${member}":"${canonical}"` });
    else change.count++;
  }
}

/**
 * Normalizes an entity in place and returns it as JSON.
 * @param text the JSON that the entity was parsed from.
 */
export const toNormalizedJson = (enums: EntityEnums, entity: Entity, text: string): string =>
  toNormalizedParts(enums, [entity], text).join('');

/**
 * Normalizes entities in place and returns them as JSON, separated by commas, in parts to concatenate.
 * @param text the JSON that the entities were parsed from, separated by commas. Only values are replaced in it, because serializing the
 * entities again takes longer.
 */
export function toNormalizedParts(enums: EntityEnums, entities: readonly Entity[], text: string | undefined): string[] {
  const changes: Changes = new Map();
  for (const entity of entities) normalizeEnums(enums, entity, changes);
  if (text !== undefined && changes.size === 0) return [text];
  const parts = text === undefined ? undefined : replaceMembers(text, enums.pattern, changes);
  return parts ?? [JSON.stringify(entities).slice(1, -1)];
}

/**
 * Replaces members in JSON text. `undefined` where one occurs more or less often than in the entities: as a member of another object, which
 * must not change, or not in compact form.
 */
function replaceMembers(text: string, pattern: RegExp, changes: Changes): string[] | undefined {
  const parts: string[] = [];
  let end = 0;
  for (const { 0: json, index } of text.matchAll(pattern)) {
    const change = changes.get(json);
    if (change === undefined) continue;
    change.count--;
    parts.push(text.slice(end, index), change.replacement);
    end = index + json.length;
  }
  parts.push(text.slice(end));
  return [...changes.values()].every(({ count }) => count === 0) ? parts : undefined;
}
