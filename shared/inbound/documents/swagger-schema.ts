import { isJson, type Json } from './open-api-document.ts';

/** Converts JSON Schema 2020-12 to the subset of draft 4 that Swagger 2.0 supports. */
export function toSwaggerSchema(schema: Json): Json {
  const { anyOf, oneOf, examples, $ref, ...members } = schema;
  if (typeof $ref === 'string') return { $ref: $ref.replace('#/components/schemas/', '#/definitions/') };

  const alternatives = [anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? list : [])).filter(isJson);
  const notNull = alternatives.filter(({ type }) => type !== 'null');
  const nullable = notNull.length < alternatives.length && { 'x-nullable': true };
  // Swagger 2.0 has no alternatives: several of them become a schema without a type.
  const only = notNull.length === 1 && notNull[0] !== undefined ? toSwaggerSchema(notNull[0]) : {};
  const { type } = members;
  if (!Array.isArray(type)) return { ...only, ...mapMembers(members), ...nullable };
  const rest = mapMembers({ ...members, type: type.find((name) => name !== 'null') });
  return { ...rest, ...(type.includes('null') && { 'x-nullable': true }) };
}

function mapMembers({ const: constant, properties, items, additionalProperties, propertyNames, ...rest }: Json): Json {
  return {
    ...rest,
    ...(constant !== undefined && { enum: [constant] }),
    ...(isJson(properties) && { properties: mapValues(properties as Record<string, Json>, toMember) }),
    ...(isJson(items) && { items: toSwaggerSchema(items) }),
    ...(isJson(additionalProperties) && { additionalProperties: toSwaggerSchema(additionalProperties) }),
    ...(typeof additionalProperties === 'boolean' && { additionalProperties }),
  };
}

/** A member with a title for the workflow designer. `$ref` allows no siblings. */
function toMember(schema: Json, name: string): Json {
  const member = toSwaggerSchema(schema);
  return '$ref' in member ? member : { ...member, 'x-ms-summary': toTitle(name) };
}

export function mapValues<T, U>(record: Record<string, T>, map: (value: T, name: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}

/** `updatedSince` as `Updated since`. */
export function toTitle(name: string): string {
  const words = name
    .replace(/^x-ms-/, '')
    .replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    .split('-')
    .filter(Boolean);
  const [first = '', ...others] = words;
  return [first.charAt(0).toUpperCase() + first.slice(1), ...others].join(' ');
}
