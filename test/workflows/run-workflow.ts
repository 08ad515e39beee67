import assert from 'node:assert/strict';
import * as z from 'zod/mini';
import { evaluate, type FunctionCall } from './expression.ts';
import { callFunction } from './functions.ts';

/** Environment of a workflow. */
export interface Platform {
  /** Sends the request of an `Http` action. */
  send(request: HttpRequest): Promise<HttpReply>;
  /** Returns the response of a connector to the action of this name. */
  connect(action: string, inputs: unknown): unknown;
  /** A `Wait` action. */
  wait(): Promise<void>;
}

export interface HttpRequest {
  method: string;
  uri: string;
  headers: Record<string, string>;
  /** Managed identity of the workflow. */
  authentication?: { audience: string } | undefined;
  body?: unknown;
}

export interface HttpReply {
  statusCode: number;
  headers: Record<string, string>;
  body: unknown;
}

const actionSchema = z.looseObject({
  type: z.string(),
  inputs: z.optional(z.unknown()),
  runAfter: z.optional(z.record(z.string(), z.array(z.string()))),
  expression: z.optional(z.unknown()),
  foreach: z.optional(z.unknown()),
  operationOptions: z.optional(z.string()),
  limit: z.optional(z.looseObject({ count: z.optional(z.int()) })),
  actions: z.optional(z.record(z.string(), z.unknown())),
  else: z.optional(z.object({ actions: z.record(z.string(), z.unknown()) })),
});
type Action = z.output<typeof actionSchema>;
export const actionsSchema = z.record(z.string(), actionSchema);

export const requestSchema = z.object({
  method: z.string(),
  uri: z.url(),
  headers: z._default(z.record(z.string(), z.string()), {}),
  authentication: z.optional(z.object({ type: z.literal('ManagedServiceIdentity'), audience: z.string() })),
  body: z.optional(z.unknown()),
});
const filterSchema = z.object({ from: z.unknown(), where: z.string() });
const tableSchema = z.object({ from: z.array(z.record(z.string(), z.unknown())), format: z.literal('HTML') });
const variableSchema = z.object({ variables: z.array(z.object({ name: z.string(), value: z.unknown() })) });
const appendSchema = z.object({ name: z.string(), value: z.unknown() });

/** Runs the actions of a workflow once, in the order of `runAfter`. @throws when an action fails. */
export async function runWorkflow(
  actions: Record<string, unknown>,
  { parameters, triggerBody, world }: { parameters: Record<string, unknown>; triggerBody: unknown; world: Platform },
): Promise<void> {
  const outputs = new Map<string, unknown>();
  const variables = new Map<string, unknown>();
  const loops = new Map<string, unknown>();
  const runName = `run-${crypto.randomUUID()}`;

  /** `item` is the element under a filter. */
  const resolve = (value: unknown, item?: unknown): unknown =>
    evaluate(value, (call: FunctionCall) =>
      callFunction(call, { parameters, triggerBody, outputs, variables, loops, runName, item }),
    );

  async function runAll(all: Record<string, unknown>): Promise<void> {
    const waiting = new Map(Object.entries(actionsSchema.parse(all)));
    while (waiting.size > 0) {
      const next = [...waiting].find(
        ([, { runAfter = {} }]) => !Object.keys(runAfter).some((name) => waiting.has(name)),
      );
      assert.ok(next, `Cyclic runAfter: ${[...waiting.keys()]}`);
      const [name, action] = next;
      outputs.set(name, await run(name, action));
      waiting.delete(name);
    }
  }

  async function run(name: string, action: Action): Promise<unknown> {
    switch (action.type) {
      case 'Http':
        return await send(
          requestSchema.parse(resolve(action.inputs)),
          action.operationOptions === 'DisableAsyncPattern',
        );
      case 'ApiConnection':
      case 'ApiConnectionWebhook':
        return { body: world.connect(name, resolve(action.inputs)) };
      case 'Compose':
        return resolve(action.inputs);
      case 'Query':
        return { body: filter(action.inputs) };
      case 'Table':
        return { body: toHtml(tableSchema.parse(resolve(action.inputs)).from) };
      case 'InitializeVariable':
        for (const each of variableSchema.parse(resolve(action.inputs)).variables) variables.set(each.name, each.value);
        return undefined;
      case 'AppendToArrayVariable':
        return append(appendSchema.parse(resolve(action.inputs)));
      case 'If':
        return await runAll((isTrue(action.expression) ? action.actions : action.else?.actions) ?? {});
      case 'Foreach':
        return await runForEach(name, action);
      case 'Until':
        return await runUntil(action);
      case 'Wait':
        return await world.wait();
      default:
        return assert.fail(`Unsupported type of ${name}: ${action.type}`);
    }
  }

  /** By default a Logic App follows a 202, but it is undocumented whether it sends the key along; examples must follow it themselves. */
  async function send(request: HttpRequest, mayBeAccepted: boolean): Promise<HttpReply> {
    const { statusCode, headers, body } = await world.send(request);
    const isFine = statusCode < 300 && (mayBeAccepted || statusCode !== 202);
    assert.ok(isFine, `${request.method} ${request.uri}: ${statusCode} ${JSON.stringify(body)}`);
    const named = Object.entries(headers).map(([name, value]) => [toUsualCase(name), value]);
    return { statusCode, headers: Object.fromEntries(named), body };
  }

  function filter(inputs: unknown): unknown[] {
    const { from, where } = filterSchema.parse(inputs);
    return z
      .array(z.unknown())
      .parse(resolve(from))
      .filter((item) => resolve(where, item) === true);
  }

  function append({ name, value }: z.output<typeof appendSchema>): void {
    const former = z.array(z.unknown()).parse(variables.get(name));
    variables.set(name, [...former, value]);
  }

  /** Conditions are nested calls: `{ "and": [{ "equals": [a, b] }] }`. */
  function isTrue(condition: unknown): boolean {
    if (typeof condition === 'string') return resolve(condition) === true;
    const [[name = '', operands] = []] = Object.entries(z.record(z.string(), z.unknown()).parse(condition));
    const list = Array.isArray(operands) ? operands : [operands];
    if (name === 'and') return list.every(isTrue);
    if (name === 'or') return list.some(isTrue);
    if (name === 'not') return !list.some(isTrue);
    const call = { name, arguments: list.map((each) => resolve(each)) };
    return (
      callFunction(call, { parameters, triggerBody, outputs, variables, loops, runName, item: undefined }) === true
    );
  }

  async function runForEach(name: string, { foreach, actions: inner = {} }: Action): Promise<void> {
    for (const item of z.array(z.unknown()).parse(resolve(foreach))) {
      loops.set(name, item);
      await runAll(inner);
    }
  }

  async function runUntil({ expression, limit, actions: inner = {} }: Action): Promise<void> {
    const maxTimes = limit?.count ?? assert.fail('Until has no limit');
    for (let times = 0; times < maxTimes; times++) {
      await runAll(inner);
      if (isTrue(expression)) return;
    }
  }

  await runAll(actions);
}

/** Header names as workflows read them: `Retry-After`. */
const toUsualCase = (name: string): string => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

function toHtml(rows: readonly Record<string, unknown>[]): string {
  const [first = {}] = rows;
  const row = (tag: string, cells: unknown[]) => `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<table>${row('th', Object.keys(first))}${rows.map((each) => row('td', Object.values(each))).join('')}</table>`;
}
