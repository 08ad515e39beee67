import * as z from 'zod/mini';
import { toJSONSchema } from 'zod/v4/core';
import type { Json } from './open-api-document.ts';

/** Converts a Zod schema to JSON Schema, for its input or its output. */
export type WriteSchema = (schema: z.core.$ZodType, io: 'input' | 'output') => Json;

/** Schemas with an id are written to `components` once and referenced. */
export function createSchemaWriter(components: Record<string, Json>): WriteSchema {
  return (schema, io) => {
    const override = ({ zodSchema, jsonSchema }: Overridden) => {
      // Zod omits the default of a transformed value, since it has the output type.
      const { default: value } = z.globalRegistry.get(zodSchema) ?? {};
      if (value !== undefined) jsonSchema.default = value;
      // Later versions may add members to replies; generated clients must accept them.
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    };
    const written = tidy(toJSONSchema(schema, { io, unrepresentable: 'any', override })) as Json;
    const { $schema, $defs, ...rest } = written;
    Object.assign(components, $defs);
    return rest;
  };
}

interface Overridden {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}

/** Drops keywords without information: the bounds of safe integers and the patterns of integers in query strings. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([member, inner]) => [member, toComponentRef(member, tidy(inner))]);
  const copy: Json = Object.fromEntries(entries);
  if (copy.minimum === Number.MIN_SAFE_INTEGER) delete copy.minimum;
  if (copy.maximum === Number.MAX_SAFE_INTEGER) delete copy.maximum;
  if (copy.type === 'integer') delete copy.pattern;
  if (typeof copy.id === 'string') delete copy.id;
  return copy;
}

function toComponentRef(member: string, value: unknown): unknown {
  return member === '$ref' && typeof value === 'string' ? value.replace('#/$defs/', '#/components/schemas/') : value;
}
