import type { HttpRequest } from '@azure/functions';
import { type InputError, RequestError } from '../errors.ts';
import { toPointer } from './input-errors.ts';
import type { ParsedBody } from './request-input.ts';

interface BodyRules {
  /** Accepted media types. */
  bodyTypes: readonly string[];
  maxBodyBytes: number;
}

/** @throws {RequestError} 413 or 415. */
export async function readBody(request: HttpRequest, { bodyTypes, maxBodyBytes }: BodyRules): Promise<Buffer> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes) throw tooLarge(maxBodyBytes);
  const bytes = Buffer.from(await request.arrayBuffer());
  if (bytes.byteLength > maxBodyBytes) throw tooLarge(maxBodyBytes);
  if (bytes.byteLength > 0) requireMediaType(request.headers.get('content-type') ?? '', bodyTypes);
  return bytes;
}

const tooLarge = (maxBytes: number): RequestError =>
  new RequestError(413, 'RequestTooLarge', `The body is larger than ${maxBytes / 1024} KiB.`);

function requireMediaType(contentType: string, types: readonly string[]): void {
  const [mediaType = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  if (types.includes(mediaType) && isUtf8) return;
  const detail = `The Content-Type must be ${types.join(' or ')}, in UTF-8.`;
  throw new RequestError(415, 'UnsupportedMediaType', detail);
}

const missingBody: InputError = {
  in: 'body',
  name: '',
  detail: 'is required, with a Content-Length: the Functions host drops chunked bodies',
};

/** Parses a JSON body in UTF-8, with or without a BOM. */
export function parseBody(bytes: Buffer): ParsedBody {
  if (bytes.byteLength === 0) return { error: missingBody };
  const text = decode(bytes);
  if (text === undefined) return { error: { in: 'body', name: '', detail: 'must be valid UTF-8' } };
  try {
    const value: unknown = JSON.parse(text);
    const error = findOversized(value);
    return error === undefined ? { value } : { error };
  } catch {
    return { error: { in: 'body', name: '', detail: 'must be valid JSON' } };
  }
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Far beyond every schema: keeps validation from taking long, and its errors from taking much memory. */
const maxItems = 1000;
const maxDepth = 32;

/** The first array or object that is too large or nested too deeply. */
function findOversized(value: unknown, path: readonly PropertyKey[] = []): InputError | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const error = (detail: string): InputError => ({ in: 'body', name: toPointer(path), detail });
  const keys = Object.keys(value);
  if (keys.length > maxItems) return error(`must have at most ${maxItems} items`);
  if (path.length >= maxDepth) return error(`must not be nested more than ${maxDepth} levels deep`);
  for (const [key, child] of Object.entries(value)) {
    const found = findOversized(child, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}
