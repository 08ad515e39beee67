import type { Random } from '../sandbox/data/random.ts';
import { oddText } from './odd-values.ts';

/** The part of JSON Schema that the documents use. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly examples?: readonly unknown[];
}

export type FindSchema = (reference: string) => Schema;

const formats: Readonly<Record<string, string>> = {
  'date-time': '2026-11-20T10:00:00Z',
  uuid: 'b7d9a1c4-52e3-4f60-9a7b-1c2d3e4f5a6b',
  uri: 'https://prod-01.westeurope.logic.azure.com/workflows/1?sig=fuzz-callback-canary',
  duration: 'P1D',
};

/** A value that a schema may accept; `named` has values by member name that reach further than any text. */
export function sample(
  schema: Schema,
  find: FindSchema,
  random: Random,
  named: Readonly<Record<string, unknown>>,
  name = '',
): unknown {
  if (named[name] !== undefined && random.chance(0.9)) return named[name];
  if (schema.$ref !== undefined) return sample(find(schema.$ref), find, random, named, name);
  if (schema.const !== undefined) return schema.const;
  const choices = schema.enum ?? schema.examples;
  if (choices !== undefined) return choices[random.integer(0, choices.length - 1)];
  const alternatives = schema.anyOf ?? schema.oneOf;
  const alternative = alternatives?.[random.integer(0, alternatives.length - 1)];
  if (alternative) return sample(alternative, find, random, named, name);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((each) => sample(each, find, random, named, name)));
  if (schema.properties) return sampleObject(schema, find, random, named);
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'array':
      return [sample(schema.items ?? {}, find, random, named, name)];
    case 'integer':
    case 'number':
      return random.pick([1, 7, 100, 1000] as const);
    case 'boolean':
      return random.chance(0.5);
    default:
      return (
        formats[schema.format ?? ''] ??
        random.pick(['text', 'AlertInfo | count', 'contoso.com', oddText(random)] as const)
      );
  }
}

function sampleObject(
  { properties = {}, required = [] }: Schema,
  find: FindSchema,
  random: Random,
  named: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const wanted = Object.entries(properties).filter(([name]) => required.includes(name) || random.chance(0.5));
  return Object.fromEntries(wanted.map(([name, schema]) => [name, sample(schema, find, random, named, name)]));
}
