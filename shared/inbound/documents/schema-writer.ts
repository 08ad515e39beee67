import * as z from 'zod/mini';
import { toJSONSchema } from 'zod/v4/core';
import type { Json } from './open-api-document.ts';

/** Writes a Zod schema as JSON Schema, of what goes in or of what comes out. */
export type WriteSchema = (schema: z.core.$ZodType, io: 'input' | 'output') => Json;

/** Schemas that have an id of their own are written once, among `components`, and referred to. */
export function createSchemaWriter(components: Record<string, Json>): WriteSchema {
  return (schema, io) => {
    const override = ({ zodSchema, jsonSchema }: Overridden) => {
      // Zod leaves the default of a transformed value out: it is of the type behind the transformation.
      const { default: value } = z.globalRegistry.get(zodSchema) ?? {};
      if (value !== undefined) jsonSchema.default = value;
      // A reply may have more members one day: a client that was generated from this document must not mind.
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

/** Repeats a JSON value without what says nothing: the bounds of safe integers, and patterns of numbers that travel as text. */
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
