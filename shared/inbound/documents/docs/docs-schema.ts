import { isJson, type Json } from '../open-api-document.ts';
import { type Markup, markup, prose } from './markup.ts';

/** The type of a schema in one line: `list of Incident`, `Low | Medium | High`, `string or null`. */
export function writeType(schema: Json): Markup {
  const { $ref, type, anyOf, oneOf, items, format, additionalProperties } = schema;
  if (typeof $ref === 'string') return writeLink($ref);
  const alternatives = [anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? list : [])).filter(isJson);
  if (alternatives.length > 0) return joinTypes(alternatives);
  if (Array.isArray(type)) return joinTypes(type.map((each) => ({ ...schema, type: each })));
  if (Array.isArray(schema.enum)) return markup`${schema.enum.map(String).join(' | ')}`;
  if (schema.const !== undefined) return markup`${String(schema.const)}`;
  if (type === 'array') return markup`list of ${isJson(items) ? writeType(items) : 'anything'}`;
  if (isJson(additionalProperties) && 'type' in additionalProperties) {
    return markup`object of ${writeType(additionalProperties)}`;
  }
  const name = type === undefined ? 'anything' : String(type);
  return typeof format === 'string' ? markup`${name} (${format})` : markup`${name}`;
}

/** The members of an object or of the objects in a list, nested. Undefined for a schema without members. */
export function writeMembers(schema: Json): Markup | undefined {
  const object = findObject(schema);
  if (object === undefined) return undefined;
  const required = Array.isArray(object.required) ? object.required : [];
  const members = Object.entries(object.properties).filter((entry): entry is [string, Json] => isJson(entry[1]));
  const entries = members.map(([name, member]) => writeEntry(name, member, required.includes(name)));
  return members.length > 0 ? markup`<dl>${entries}</dl>` : undefined;
}

/** A member or parameter: name, type, limits, default and description. */
export function writeEntry(name: string, schema: Json, isRequired: boolean, place = 'query'): Markup {
  const { description } = schema;
  return markup`
<dt><code>${name}</code> <span>${writeType(schema)}${writeBounds(schema)}${place !== 'query' && `, ${place}`}</span>${isRequired && markup` <strong>required</strong>`}</dt>
<dd>${typeof description === 'string' && prose(description)}${writeMembers(schema)}</dd>`;
}

function writeBounds({ minimum, maximum, minLength, maxLength, default: defaultValue }: Json): string {
  const between = (from: unknown, to: unknown, unit: string) => {
    if (from !== undefined && to !== undefined) return `, ${from} to ${to}${unit}`;
    if (to !== undefined) return `, up to ${to}${unit}`;
    return from === undefined ? '' : `, from ${from}${unit}`;
  };
  const otherwise = defaultValue === undefined ? '' : `, default ${String(defaultValue)}`;
  return between(minimum, maximum, '') + between(minLength, maxLength, ' characters') + otherwise;
}

function findObject(schema: Json): (Json & { properties: Json }) | undefined {
  const { properties, items, anyOf } = schema;
  if (isJson(properties)) return { ...schema, properties };
  if (isJson(items)) return findObject(items);
  const inner = Array.isArray(anyOf) ? anyOf.filter(isJson) : [];
  return inner.map(findObject).find((found) => found !== undefined);
}

function joinTypes(schemas: readonly Json[]): Markup {
  const [first = {}, ...others] = schemas;
  return markup`${writeType(first)}${others.map((other) => markup` or ${writeType(other)}`)}`;
}

function writeLink($ref: string): Markup {
  const name = $ref.slice($ref.lastIndexOf('/') + 1);
  return markup`<a href="#schema-${name}">${name}</a>`;
}
