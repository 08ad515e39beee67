import { messageOf } from '../../shared/errors.ts';
import type { FunctionContext, HostFunction, HttpFunction } from './host-function.ts';
import { toHostFunction } from './host-function.ts';
import type { FunctionMetadata } from './messages.ts';

export interface FunctionInError {
  readonly name: string;
  readonly reason: string;
}

/** The functions of an app, in the order in which the host asks them whether a route is theirs. */
export interface FunctionIndex {
  readonly functions: readonly HostFunction[];
  readonly inError: readonly FunctionInError[];
  /** What the real host would keep to itself, in sentences. */
  readonly warnings: readonly string[];
  findRoute(method: string, path: string): { httpFunction: HttpFunction; params: Record<string, string> } | undefined;
}

/** A function that cannot be served is left out, the rest of the app runs. */
export function indexFunctions(metadata: readonly FunctionMetadata[], context: FunctionContext): FunctionIndex {
  const functions: HostFunction[] = [];
  const inError: FunctionInError[] = [];
  const warnings: string[] = [];
  const sorted = [...metadata].sort((a, b) => compareOrdinal(a.name.toUpperCase(), b.name.toUpperCase()));

  for (const each of sorted) {
    try {
      const candidate = toHostFunction(each, context);
      refuseDuplicate(candidate, functions);
      functions.push(candidate);
    } catch (error) {
      inError.push({ name: each.name, reason: messageOf(error) });
    }
    if (each.retryOptions) warnings.push(`${each.name} has a retry policy, which this host does not apply.`);
    const outputs = Object.entries(each.bindings).filter(
      ([name, { direction }]) => direction === 'out' && name !== '$return',
    );
    for (const [, { type }] of outputs)
      warnings.push(`${each.name} has a ${type} output, which this host does not deliver.`);
  }

  const routes = functions.filter((each) => each.type === 'http');
  return {
    functions,
    inError,
    warnings: [...warnings, ...findHiddenRoutes(routes)],
    findRoute(method, path) {
      for (const httpFunction of routes) {
        if (!httpFunction.methods.includes(method)) continue;
        const params = httpFunction.template.match(path);
        if (params) return { httpFunction, params };
      }
      return undefined;
    },
  };
}

function compareOrdinal(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function refuseDuplicate(candidate: HostFunction, earlier: readonly HostFunction[]): void {
  if (candidate.type !== 'http') return;
  const twin = earlier.find(
    (each) =>
      each.type === 'http' &&
      each.template.text.toLowerCase() === candidate.template.text.toLowerCase() &&
      sharedMethods(each, candidate).length > 0,
  );
  if (twin) throw new Error(`its route "${candidate.template.text}" is already that of ${twin.name}.`);
}

/** There is no precedence among routes, so an earlier function can take everything meant for a later one. */
function findHiddenRoutes(routes: readonly HttpFunction[]): string[] {
  return routes.flatMap((later, index) => {
    const sample = later.template.sample;
    if (sample === undefined) return [];
    return routes.slice(0, index).flatMap((earlier) => {
      const methods = sharedMethods(earlier, later);
      if (methods.length === 0 || !earlier.template.match(sample)) return [];
      return [
        `${later.name} (${methods.join(', ')} ${later.route}) is hidden: ${earlier.name} (${earlier.route}) sorts before it and matches first.`,
      ];
    });
  });
}

function sharedMethods(a: HttpFunction, b: HttpFunction): string[] {
  return a.methods.filter((method) => b.methods.includes(method));
}
