import { isJson, type Json } from '../../shared/inbound/documents/open-api-document.ts';
import { code, table } from './markdown.ts';

const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : []);

/** The type of a schema: `list of Incident`, `integer`, or the values of an enumeration. */
export function typeOf(schema: Json): string {
  const { $ref, type, anyOf, oneOf, items, format } = schema;
  if (typeof $ref === 'string') return linkTo($ref);
  const alternatives = [...listOf(anyOf), ...listOf(oneOf)];
  if (alternatives.length > 0) return [...new Set(alternatives.map(typeOf))].join(' or ');
  if (Array.isArray(type)) return type.map((each) => typeOf({ ...schema, type: each })).join(' or ');
  if (type === 'null') return 'null';
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => code(String(value))).join(', ');
  if (schema.const !== undefined) return code(String(schema.const));
  if (type === 'array') return `list of ${isJson(items) ? typeOf(items) : 'any'}`;
  const entity = listedEntity(schema);
  if (entity !== undefined) return `page of ${typeOf(entity)}`;
  const name = type === undefined ? 'any' : String(type);
  return typeof format === 'string' && format !== 'int64' ? `${name} (${format})` : name;
}

/** The schema of the entities of a page: `{ value: [...], nextLink }`. */
export function listedEntity({ properties }: Json): Json | undefined {
  const { value, nextLink } = isJson(properties) ? properties : {};
  return isJson(value) && nextLink !== undefined && isJson(value.items) ? value.items : undefined;
}

function linkTo($ref: string): string {
  const name = $ref.slice($ref.lastIndexOf('/') + 1);
  return `[${name}](#${name.toLowerCase()})`;
}

function limitsOf({ minimum, maximum, minLength, maxLength, maxItems, default: defaultValue }: Json): string {
  const range = (from: unknown, to: unknown, unit: string): string[] => {
    if (from !== undefined && to !== undefined) return [`${from} to ${to}${unit}`];
    if (to !== undefined) return [`at most ${to}${unit}`];
    return from === undefined ? [] : [`at least ${from}${unit}`];
  };
  return [
    ...range(minimum, maximum, ''),
    ...range(minLength, maxLength, ' characters'),
    ...range(undefined, maxItems, ' values'),
    ...(defaultValue === undefined ? [] : [`default ${code(String(defaultValue))}`]),
  ].join(', ');
}

/** Members of an object and of the objects inside it, by dotted name. */
export function rowsOf(schema: Json, prefix = ''): string[][] {
  const { properties, items, anyOf, required } = schema;
  if (isJson(items)) return rowsOf(items, prefix);
  if (!isJson(properties)) return listOf(anyOf).flatMap((each) => rowsOf(each, prefix));
  return Object.entries(properties).flatMap(([name, member]) => {
    if (!isJson(member)) return [];
    const isRequired = Array.isArray(required) && required.includes(name);
    const row = rowOf(prefix + name, member, isRequired);
    return [row, ...rowsOf(member, `${prefix}${name}.`)];
  });
}

export function rowOf(name: string, schema: Json, isRequired: boolean): string[] {
  const limits = limitsOf(schema);
  const type = typeOf(schema) + (limits === '' ? '' : `; ${limits}`);
  const description = typeof schema.description === 'string' ? schema.description : '';
  return [code(name) + (isRequired ? ' (required)' : ''), type, description];
}

export const membersTable = (schema: Json): string => table(['member', 'type', 'description'], rowsOf(schema));
