type Comparable = string | number | null;

/** A filter that the service refuses; the message is its own sentence. */
export class FilterError extends Error {}

/** What a filter may compare; with `hasPrefix` also by `startswith`. Values of an `enum` are checked: no others may be asked for. */
type Property<T> =
  | { readonly type: 'instant' | 'text'; readonly hasPrefix?: true; read(entity: T): Comparable }
  | { readonly type: 'enum'; readonly members: readonly string[]; read(entity: T): Comparable };

export interface FilterableType<T> {
  /** As the service calls it. */
  readonly name: string;
  readonly properties: Readonly<Record<string, Property<T>>>;
}

const comparisons: Readonly<Record<string, (a: Comparable, b: Comparable) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  gt: (a, b) => a !== null && b !== null && a > b,
  ge: (a, b) => a !== null && b !== null && a >= b,
  lt: (a, b) => a !== null && b !== null && a < b,
  le: (a, b) => a !== null && b !== null && a <= b,
};

const token = /\s*(?:([(),])|'((?:[^']|'')*)'|([A-Za-z0-9_.:+-]+))/y;
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,7})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * The part of OData's `$filter` that Defender and Graph support: comparisons of some properties, and the beginnings of some, joined by `and` and `or`.
 * @throws {FilterError}
 */
export function parseFilter<T>(filter: string, { name: typeName, properties }: FilterableType<T>) {
  type Predicate = (entity: T) => boolean;
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
    return (entity) => left(entity) || right(entity);
  }

  function parseAnd(): Predicate {
    const left = parseTerm();
    if (!isWord('and')) return left;
    next();
    const right = parseAnd();
    return (entity) => left(entity) && right(entity);
  }

  function parseTerm(): Predicate {
    if (peek()?.text !== '(' || peek()?.kind !== 'parenthesis') return parseComparison();
    next();
    const inner = parseOr();
    if (next()?.text !== ')') throw syntaxError(filter);
    return inner;
  }

  function parsePrefix(): Predicate {
    const [opening, name, comma, literal, closing] = [next(), next(), next(), next(), next()];
    const property = properties[name?.text ?? ''];
    const isCall = opening?.text === '(' && comma?.text === ',' && closing?.text === ')';
    if (!isCall || literal?.kind !== 'quoted') throw syntaxError(filter);
    if (!property || property.type === 'enum' || !property.hasPrefix) {
      throw new FilterError(`The function 'startswith' is not supported on '${name?.text}'.`);
    }
    return (entity) => String(property.read(entity)).startsWith(literal.text);
  }

  function parseComparison(): Predicate {
    const name = next()?.text ?? '';
    if (name === 'startswith') return parsePrefix();
    const property = properties[name];
    if (!property) {
      throw new FilterError(`Could not find a property named '${name}' that can be filtered on type '${typeName}'.`);
    }
    const compare = comparisons[next()?.text ?? ''];
    const literal = next();
    if (!compare || !literal) throw syntaxError(filter);
    const value = readLiteral(literal, property.type === 'instant' ? 'instant' : 'text', filter);
    if (property.type === 'enum' && !property.members.includes(String(value))) {
      throw new FilterError(`Invalid filter clause: '${value}' is not a member of the enumeration '${name}'.`);
    }
    return (entity) => compare(property.read(entity), value);
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
