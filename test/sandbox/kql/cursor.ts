import { syntaxError } from './query-error.ts';

export interface Token {
  readonly kind: 'word' | 'string' | 'number' | 'timespan' | 'datetime' | 'symbol' | 'end';
  /** The value of a string, or the text between the parentheses of a datetime. */
  readonly text: string;
  readonly position: number;
}

const pattern = new RegExp(
  [
    String.raw`(?<blank>(?:\s|//[^\n]*)+)`,
    '@(?<verbatim>"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\')',
    String.raw`(?<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')`,
    String.raw`datetime\((?<datetime>[^)]*)\)`,
    String.raw`(?<timespan>\d+(?:\.\d+)?(?:ms|[dhms]))\b`,
    String.raw`(?<number>\d+(?:\.\d+)?)\b`,
    String.raw`(?<word>!?(?:in~|[A-Za-z_]\w*))`,
    '(?<symbol>==|!=|=~|!~|<=|>=|[<>=|(),+*/-])',
  ].join('|'),
  'y',
);

/** Reads the tokens of a query one after the other. */
export class Cursor {
  readonly #query: string;
  readonly #tokens: readonly Token[];
  #index = 0;

  /** @throws {QueryError} */
  constructor(query: string) {
    this.#query = query;
    this.#tokens = tokenize(query);
  }

  peek(): Token {
    return this.#tokens[this.#index] ?? { kind: 'end', text: '', position: this.#query.length };
  }

  next(): Token {
    const token = this.peek();
    this.#index += 1;
    return token;
  }

  /** Steps over a word or symbol if it comes next. */
  accept(text: string): boolean {
    const token = this.peek();
    if ((token.kind !== 'word' && token.kind !== 'symbol') || token.text !== text) return false;
    this.#index += 1;
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.unexpected();
  }

  expectKind(kind: Token['kind']): string {
    if (this.peek().kind !== kind) throw this.unexpected();
    return this.next().text;
  }

  /** Steps over `name =`, which gives a name to the expression that follows. */
  acceptName(): string | undefined {
    const [name, equals] = this.#tokens.slice(this.#index, this.#index + 2);
    if (name?.kind !== 'word' || equals?.text !== '=' || equals.kind !== 'symbol') return undefined;
    this.#index += 2;
    return name.text;
  }

  /** One or more items with commas between them. */
  list<T>(readItem: () => T): T[] {
    const items = [readItem()];
    while (this.accept(',')) items.push(readItem());
    return items;
  }

  unexpected() {
    const { text, position } = this.peek();
    return syntaxError(this.#query, position, text);
  }
}

function tokenize(query: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < query.length) {
    pattern.lastIndex = position;
    const groups = pattern.exec(query)?.groups;
    if (!groups) throw syntaxError(query, position, query.charAt(position));
    const { blank, verbatim, string, ...others } = groups;
    if (verbatim !== undefined) tokens.push({ kind: 'string', text: readVerbatim(verbatim), position });
    else if (string !== undefined) tokens.push({ kind: 'string', text: readString(string), position });
    else if (blank === undefined) {
      for (const kind of ['datetime', 'timespan', 'number', 'word', 'symbol'] as const) {
        const text = others[kind];
        if (text !== undefined) tokens.push({ kind, text, position });
      }
    }
    position = pattern.lastIndex;
  }
  return tokens;
}

function readString(literal: string): string {
  const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
  return literal.slice(1, -1).replaceAll(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter);
}

function readVerbatim(literal: string): string {
  const quote = literal.charAt(0);
  return literal.slice(1, -1).replaceAll(quote + quote, quote);
}
