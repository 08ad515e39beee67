import { createRouteConstraint } from './route-constraint.ts';

/** An ASP.NET Core route template, e.g. `incidents/{incidentId:int}/{*rest}`. */
export interface RouteTemplate {
  readonly text: string;
  /** A path that the template matches, if one was found: what would call this route. */
  readonly sample: string | undefined;
  /** The route values, decoded, if `path` matches; optional ones that are not there are left out. */
  match(path: string): Record<string, string> | undefined;
}

interface Parameter {
  readonly name: string;
  readonly isOptional: boolean;
  readonly isCatchAll: boolean;
  readonly fallback: string | undefined;
  readonly constraints: readonly ((value: string) => boolean)[];
}

const SAMPLE_VALUES = ['sample', '1', 'true', '00000000-0000-0000-0000-000000000000', '2026-11-20', 'sample.txt'];

/** Throws an `Error` that names what is wrong with the template. */
export function parseRouteTemplate(text: string): RouteTemplate {
  const trimmed = text.replace(/^~?\//, '').replace(/\/$/, '');
  const segments = trimmed === '' ? [] : splitSegments(trimmed);
  const parsed = segments.map(parseSegment);
  const parameters = parsed.flat().filter((part) => typeof part !== 'string');
  const lastRequired = parsed.findLastIndex((parts) => !isOptionalSegment(parts));
  const pattern = parsed.map((parts, index) => toPattern(parts, index > lastRequired)).join('');
  const expression = new RegExp(`^${pattern}/?$`, 'i');
  if (new Set(parameters.map(({ name }) => name.toLowerCase())).size < parameters.length) {
    throw new Error(`Route "${text}" names a parameter twice.`);
  }

  return {
    text: trimmed,
    sample: toSample(parsed),
    match(path) {
      const found = expression.exec(decodePath(path));
      if (!found) return undefined;
      const values: Record<string, string> = {};
      for (const [index, { name, fallback, constraints }] of parameters.entries()) {
        const value = found[index + 1] || fallback;
        if (value === undefined) continue;
        if (!constraints.every((holds) => holds(value))) return undefined;
        values[name] = value;
      }
      return values;
    },
  };
}

/** Splits at slashes that are not inside braces, where a regex constraint may hold one. */
function splitSegments(template: string): string[] {
  return template.match(/(?:\{(?:\{\{|\}\}|[^{}])*\}|[^/])+/g) ?? [];
}

function parseSegment(segment: string): (string | Parameter)[] {
  const parts = segment.match(/\{(?:\{\{|\}\}|[^{}])*\}|[^{}]+|[{}]/g) ?? [];
  return parts.map((part) => {
    if (part === '{' || part === '}') throw new Error(`Unbalanced brace in route segment "${segment}".`);
    return part.startsWith('{') ? parseParameter(part.slice(1, -1)) : part;
  });
}

function isOptionalSegment(parts: readonly (string | Parameter)[]): boolean {
  const [only] = parts;
  if (parts.length !== 1 || typeof only !== 'object') return false;
  return only.isCatchAll || only.isOptional || only.fallback !== undefined;
}

/** The regular expression of one segment with its leading slash. Only segments at the end can be missing. */
function toPattern(parts: readonly (string | Parameter)[], canBeMissing: boolean): string {
  const isCatchAll = parts.some((part) => typeof part === 'object' && part.isCatchAll);
  if (isCatchAll) return '(?:/(.*))?';
  const pattern =
    parts.length === 1 && typeof parts[0] === 'object' ? '/([^/]+)' : `/${parts.map(toPartPattern).join('')}`;
  return canBeMissing ? `(?:${pattern})?` : pattern;
}

function toSample(segments: readonly (readonly (string | Parameter)[])[]): string | undefined {
  const samples = segments.flat().map((part) => (typeof part === 'string' ? part : sampleValue(part)));
  if (samples.includes(undefined)) return undefined;
  const counts = segments.map((parts) => parts.length);
  return counts.map((count) => `/${samples.splice(0, count).join('')}`).join('');
}

function sampleValue({ isCatchAll, constraints }: Parameter): string | undefined {
  if (isCatchAll) return 'sample/sample';
  return SAMPLE_VALUES.find((value) => constraints.every((holds) => holds(value)));
}

/** In `{name}.{extension?}` the dot is as optional as what follows it. */
function toPartPattern(part: string | Parameter, index: number, parts: readonly (string | Parameter)[]): string {
  if (typeof part !== 'string') return part.isOptional ? '' : '([^/]+?)';
  const next = parts[index + 1];
  const isBeforeOptional = typeof next === 'object' && next.isOptional;
  if (!isBeforeOptional) return escapeForRegExp(part);
  return part.endsWith('.')
    ? `${escapeForRegExp(part.slice(0, -1))}(?:\\.([^/]+?))?`
    : `${escapeForRegExp(part)}([^/]+?)?`;
}

function parseParameter(text: string): Parameter {
  const match = /^(\*{0,2})([^:=?*]+)((?::(?:[^(:=?]+)(?:\((?:.*?)\)(?=[:=?]|$))?)*)(?:=(.*)|(\?))?$/s.exec(text);
  if (!match) throw new Error(`"{${text}}" is no route parameter.`);
  const [, stars = '', name = '', constraints = '', fallback, optional] = match;
  return {
    name,
    isOptional: optional !== undefined,
    isCatchAll: stars !== '',
    fallback,
    constraints: [...constraints.matchAll(/:([^(:]+)(?:\((.*?)\)(?=:|$))?/gs)].map(
      ([, constraint = '', argument = '']) =>
        requireConstraint(constraint, argument.replaceAll('{{', '{').replaceAll('}}', '}').replaceAll('\\\\', '\\')),
    ),
  };
}

function requireConstraint(name: string, argument: string): (value: string) => boolean {
  const constraint = createRouteConstraint(name, argument);
  if (!constraint) throw new Error(`"${name}" is no route constraint.`);
  return constraint;
}

function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** Percent-encoding is undone, except that of slashes. */
function decodePath(path: string): string {
  if (!path.includes('%')) return path;
  return path
    .split(/(%2f)/i)
    .map((part) => (/^%2f$/i.test(part) ? part : decodeOrKeep(part)))
    .join('');
}

function decodeOrKeep(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
