import type { Incident } from './incident.ts';

type Predicate = (incident: Incident) => boolean;
type Comparable = string | number | null;

/** A filter that the service refuses; the message is its own sentence. */
export class FilterError extends Error {}

const properties: Readonly<
  Record<string, { readonly type: 'instant' | 'text'; read(incident: Incident): Comparable }>
> = {
  createdTime: { type: 'instant', read: ({ createdTime }) => Date.parse(createdTime) },
  lastUpdateTime: { type: 'instant', read: ({ lastUpdateTime }) => Date.parse(lastUpdateTime) },
  status: { type: 'text', read: ({ status }) => status },
  assignedTo: { type: 'text', read: ({ assignedTo }) => assignedTo },
};

const comparisons: Readonly<Record<string, (a: Comparable, b: Comparable) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  gt: (a, b) => a !== null && b !== null && a > b,
  ge: (a, b) => a !== null && b !== null && a >= b,
  lt: (a, b) => a !== null && b !== null && a < b,
  le: (a, b) => a !== null && b !== null && a <= b,
};

const token = /\s*(?:([()])|'((?:[^']|'')*)'|([A-Za-z0-9_.:+-]+))/y;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,7})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * The part of OData's `$filter` that incidents support: comparisons of four properties, joined by `and` and `or`.
 * @throws {FilterError}
 */
export function parseIncidentFilter(filter: string): Predicate {
  const tokens = tokenize(filter);
  let position = 0;
  const peek = () => tokens[position];
  const next = () => tokens[position++];
  const isWord = (word: string) => peek()?.kind === 'word' && peek()?.text === word;

  function parseOr(): Predicate {
    const left = parseAnd();
    if (!isWord('or')) return left;
    next();
    const right = parseOr();
    return (incident) => left(incident) || right(incident);
  }

  function parseAnd(): Predicate {
    const left = parseTerm();
    if (!isWord('and')) return left;
    next();
    const right = parseAnd();
    return (incident) => left(incident) && right(incident);
  }

  function parseTerm(): Predicate {
    if (peek()?.text !== '(' || peek()?.kind !== 'parenthesis') return parseComparison();
    next();
    const inner = parseOr();
    if (next()?.text !== ')') throw syntaxError(filter);
    return inner;
  }

  function parseComparison(): Predicate {
    const name = next()?.text ?? '';
    const property = properties[name];
    if (!property) {
      throw new FilterError(`Could not find a property named '${name}' that can be filtered on type 'Incident'.`);
    }
    const compare = comparisons[next()?.text ?? ''];
    const literal = next();
    if (!compare || !literal) throw syntaxError(filter);
    const value = readLiteral(literal, property.type, filter);
    return (incident) => compare(property.read(incident), value);
  }

  const predicate = parseOr();
  if (peek()) throw syntaxError(filter);
  return predicate;
}

interface Token {
  readonly kind: 'parenthesis' | 'quoted' | 'word';
  readonly text: string;
}

function tokenize(filter: string): readonly Token[] {
  const tokens: Token[] = [];
  const text = filter.trimEnd();
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    if (!match) throw syntaxError(filter);
    const [, parenthesis, quoted, word] = match;
    if (parenthesis !== undefined) tokens.push({ kind: 'parenthesis', text: parenthesis });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted.replaceAll("''", "'") });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
  }
  return tokens;
}

function readLiteral({ kind, text }: Token, type: 'instant' | 'text', filter: string): Comparable {
  if (kind === 'word' && text === 'null') return null;
  if (type === 'text' && kind === 'quoted') return text;
  if (type === 'instant' && kind === 'word' && instant.test(text)) return Date.parse(text);
  if (kind === 'parenthesis') throw syntaxError(filter);
  throw new FilterError(
    `A binary operator with incompatible types was detected. '${text}' is not a ${type === 'instant' ? "'Edm.DateTimeOffset'" : "'Edm.String'"}.`,
  );
}

function syntaxError(filter: string): FilterError {
  return new FilterError(`Syntax error in the query specified in the URI: '${filter}'.`);
}
