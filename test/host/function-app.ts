import type { Binding, FunctionMetadata, LogCategory, LogLevel, LogLine } from './messages.ts';

export type FunctionCallback = (...inputs: unknown[]) => unknown;
export type HookName = 'preInvocation' | 'postInvocation' | 'appStart' | 'appTerminate' | 'log';
type HookCallback = (context: object) => unknown;

/** The part of the library that runs an invocation; the library hands it over with `setProgrammingModel`. */
export interface ProgrammingModel {
  getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
  getCapabilities?(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly request: object;
  readonly metadata: FunctionMetadata;
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  log(level: LogLevel, category: LogCategory, message: string): void;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ returnValue?: unknown }>;
}

export interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

/** What an app has registered with the library: its functions, its hooks and the library's own programming model. */
export class FunctionApp {
  readonly functions = new Map<string, RegisteredFunction>();
  readonly appHookData = {};
  readonly appLevelHookData = {};
  model: ProgrammingModel | undefined;
  /** From here on `register` refuses. */
  indexed = false;
  readonly #hooks: Record<HookName, HookCallback[]> = {
    preInvocation: [],
    postInvocation: [],
    appStart: [],
    appTerminate: [],
    log: [],
  };
  readonly #write: (line: LogLine) => void;

  constructor(write: (line: LogLine) => void) {
    this.#write = write;
  }

  register(metadata: FunctionMetadata & { functionId?: string }, callback: FunctionCallback): void {
    if (this.indexed) throw new Error('A function can only be registered during app startup.');
    const id = metadata.functionId ?? metadata.name;
    if (this.functions.has(id)) throw new Error(`A function with id "${id}" has already been registered.`);
    this.functions.set(id, { metadata, callback });
  }

  /** Adds a hook; the returned function removes it. */
  addHook(name: string, callback: HookCallback): () => void {
    if (!isHookName(name)) {
      // The library recognizes an unsupported hook by this shape.
      throw Object.assign(new RangeError(`Unrecognized hook "${name}"`), { isAzureFunctionsSystemError: true });
    }
    const hooks = this.#hooks[name];
    hooks.push(callback);
    return () => {
      const position = hooks.indexOf(callback);
      if (position >= 0) hooks.splice(position, 1);
    };

    function isHookName(text: string): text is HookName {
      return ['preInvocation', 'postInvocation', 'appStart', 'appTerminate', 'log'].includes(text);
    }
  }

  async runHooks(name: HookName, context: object): Promise<void> {
    for (const hook of this.#hooks[name]) await hook(context);
  }

  /** Log hooks see every line; only a user's line can be changed by them, and their errors are swallowed. */
  log(line: LogLine, invocationContext?: unknown): void {
    if (this.#hooks.log.length === 0) {
      this.#write(line);
      return;
    }
    const context = {
      level: line.level,
      message: line.message,
      category: line.category,
      invocationContext,
      hookData: {},
      appHookData: this.appHookData,
    };
    for (const hook of this.#hooks.log) {
      try {
        hook(context);
      } catch {}
    }
    this.#write(line.category === 'user' ? { ...line, level: context.level, message: context.message } : line);
  }
}

/** The binding that sets a function off. */
export function triggerOf(metadata: FunctionMetadata): [name: string, binding: Binding] | undefined {
  return Object.entries(metadata.bindings).find(([, binding]) => /trigger$/i.test(binding.type));
}
