import type { Entity } from './entity.ts';
import { isRawNumber, parseExactly } from './exact-json.ts';
import type { HuntingColumn } from './hunting-result.ts';

const annotation = '@odata.';

/**
 * Normalizes the rows of a result, given as JSON, so that those of both services are alike: members have the names of the columns, without
 * OData annotations, and `{}` in a scalar column becomes null. Every digit is kept. Most rows need no change, and their
 * members are alike: the first row decides whether they are renamed.
 */
export function normalizeRows(schema: readonly HuntingColumn[]): (row: string) => string {
  const toName = createNaming(schema);
  const scalars = new Set(schema.filter(isScalar).map(({ name }) => name));
  const toCell = (name: string, value: unknown) =>
    scalars.has(name) && isEmptyObject(value) ? null : withoutAnnotations(value);
  let isRenamed: boolean | undefined;

  return (row) => {
    isRenamed ??= Object.keys(parseExactly(row)).some((member) => !isAnnotation(member) && toName(member) !== member);
    if (!isRenamed && !row.includes(annotation) && !/\{\s*\}/.test(row)) return row;
    const members = Object.entries(parseExactly(row)).filter(([member]) => !isAnnotation(member));
    return JSON.stringify(
      Object.fromEntries(members.map(([member, value]) => [toName(member), toCell(toName(member), value)])),
    );
  };
}

/** Published samples differ from the columns in case. */
function createNaming(schema: readonly HuntingColumn[]): (member: string) => string {
  const names = new Set(schema.map(({ name }) => name));
  const nameByLowerCase = new Map(schema.map(({ name }) => [name.toLowerCase(), name]));
  return (member) => (names.has(member) ? member : (nameByLowerCase.get(member.toLowerCase()) ?? member));
}

const isScalar = ({ type }: HuntingColumn): boolean => !['object', 'dynamic'].includes(type.toLowerCase());

const isAnnotation = (member: string): boolean => member.includes(annotation);

const isObject = (value: unknown): value is Entity =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value);

const isEmptyObject = (value: unknown): boolean => isObject(value) && Object.keys(value).every(isAnnotation);

function withoutAnnotations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAnnotations);
  if (!isObject(value)) return value;
  const members = Object.entries(value).filter(([member]) => !isAnnotation(member));
  return Object.fromEntries(members.map(([member, each]) => [member, withoutAnnotations(each)]));
}
