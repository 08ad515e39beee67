/**
 * The part of Logic Apps' expression language that the examples use:
 * https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference
 */
type Expression =
  | { kind: 'literal'; value: unknown }
  | { kind: 'call'; name: string; arguments: Expression[] }
  | { kind: 'member'; of: Expression; name: Expression; isOptional: boolean };

/** A call of a function in an expression. */
export interface FunctionCall {
  name: string;
  arguments: readonly unknown[];
}

/** Evaluates every expression in a value of a definition. */
export function evaluate(value: unknown, call: (called: FunctionCall) => unknown): unknown {
  const resolve = (expression: Expression): unknown => {
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'call':
        return call({ name: expression.name, arguments: expression.arguments.map(resolve) });
      case 'member':
        return readMember(resolve(expression.of), resolve(expression.name), expression.isOptional);
    }
  };
  return mapTexts(value, (text) => {
    const parts = parseText(text);
    const [only] = parts;
    if (parts.length === 1 && typeof only === 'object') return resolve(only.expression);
    return parts.map((part) => (typeof part === 'string' ? part : toText(resolve(part.expression)))).join('');
  });
}

/** Function calls in a value of a definition, with their literal arguments. */
export function findCalls(value: unknown): FunctionCall[] {
  const found: FunctionCall[] = [];
  const visit = (expression: Expression): void => {
    if (expression.kind === 'member') for (const each of [expression.of, expression.name]) visit(each);
    if (expression.kind !== 'call') return;
    const literals = expression.arguments.map((each) => (each.kind === 'literal' ? each.value : undefined));
    found.push({ name: expression.name, arguments: literals });
    for (const each of expression.arguments) visit(each);
  };
  mapTexts(value, (text) => {
    for (const part of parseText(text)) if (typeof part === 'object') visit(part.expression);
  });
  return found;
}

function mapTexts(value: unknown, map: (text: string) => unknown): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, map));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mapTexts(each, map)]));
}

function readMember(of: unknown, name: unknown, isOptional: boolean): unknown {
  const member = Object(of ?? {})[String(name)];
  if (member === undefined && !isOptional) throw new TypeError(`Unknown member ${name} of ${JSON.stringify(of)}`);
  return member ?? null;
}

const toText = (value: unknown): string =>
  value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

/** Splits a text into literals and expressions. A text that starts with `@` is one expression of any type. */
function parseText(text: string): (string | { expression: Expression })[] {
  if (/^@(?![@{])/.test(text)) return [{ expression: parse(text, 1, '').expression }];
  const parts: (string | { expression: Expression })[] = [];
  let from = 0;
  for (let at = text.indexOf('@{'); at >= 0; at = text.indexOf('@{', from)) {
    parts.push(text.slice(from, at));
    const { expression, end } = parse(text, at + 2, '}');
    parts.push({ expression });
    from = end + 1;
  }
  return [...parts, text.slice(from).replace(/^@@/, '@')];
}

/** @throws {SyntaxError} unless an expression and then `terminator` follow at `from`. */
function parse(text: string, from: number, terminator: string): { expression: Expression; end: number } {
  let at = from;

  function take(pattern: RegExp): string | undefined {
    const found = new RegExp(`\\s*(${pattern.source})`, 'y');
    found.lastIndex = at;
    const match = found.exec(text);
    if (match !== null) at = found.lastIndex;
    return match?.[1];
  }

  function require(pattern: RegExp): string {
    const taken = take(pattern);
    if (taken === undefined) throw new SyntaxError(`Expected ${pattern.source} at ${at} of ${text}`);
    return taken;
  }

  function parsePrimary(): Expression {
    const quoted = take(/'(?:[^']|'')*'/);
    if (quoted !== undefined) return { kind: 'literal', value: quoted.slice(1, -1).replaceAll("''", "'") };
    const number = take(/-?\d+(?:\.\d+)?/);
    if (number !== undefined) return { kind: 'literal', value: Number(number) };
    const constant = take(/(?:true|false|null)\b/);
    if (constant !== undefined) return { kind: 'literal', value: JSON.parse(constant) };
    const name = require(/[A-Za-z]\w*/);
    require(/\(/);
    const parameters: Expression[] = [];
    while (take(/\)/) === undefined) {
      if (parameters.length > 0) require(/,/);
      parameters.push(parseExpression());
    }
    return { kind: 'call', name, arguments: parameters };
  }

  function parseExpression(): Expression {
    let expression = parsePrimary();
    for (let bracket = take(/\??\[/); bracket !== undefined; bracket = take(/\??\[/)) {
      expression = { kind: 'member', of: expression, name: parseExpression(), isOptional: bracket.startsWith('?') };
      require(/\]/);
    }
    return expression;
  }

  const expression = parseExpression();
  require(terminator === '' ? /$/ : /(?=\})/);
  return { expression, end: at };
}
