import type * as z from 'zod/mini';
import type { InputError } from '../errors.ts';

/** What a schema found wrong. */
export function toInputErrors(issue: z.core.$ZodIssue, where: InputError['in']): InputError[] {
  if (issue.code === 'unrecognized_keys') {
    const detail = where === 'body' ? 'unknown member' : 'unknown parameter';
    return issue.keys.map((key) => ({ in: where, name: toName(where, [...issue.path, key]), detail }));
  }
  return [{ in: where, name: toName(where, issue.path), detail: toDetail(issue) }];
}

/** `zod/mini` has no other messages. */
const defaultMessage = 'Invalid input';

function toDetail(issue: z.core.$ZodIssue): string {
  if (issue.message !== defaultMessage) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be of type ${issue.expected}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'too_big':
      return `must have at most ${issue.maximum} ${issue.origin === 'string' ? 'characters' : 'items'}`;
    default:
      return 'is invalid';
  }
}

/** An error within a comma list is an error of the list. */
function toName(where: InputError['in'], path: readonly PropertyKey[]): string {
  return where === 'body' ? toPointer(path) : String(path[0] ?? '');
}

/** JSON Pointer (RFC 6901). */
export const toPointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
