import type { AuthLevel } from './access-keys.ts';
import { triggerOf } from './function-app.ts';
import type { Binding, FunctionMetadata } from './messages.ts';
import { parseRouteTemplate, type RouteTemplate } from './route-template.ts';
import { parseSchedule, type Schedule } from './schedule.ts';

interface FunctionBase {
  readonly name: string;
  readonly bindingName: string;
  readonly isDisabled: boolean;
}

export interface HttpFunction extends FunctionBase {
  readonly type: 'http';
  /** Without the route prefix. */
  readonly route: string;
  readonly template: RouteTemplate;
  readonly methods: readonly string[];
  readonly authLevel: AuthLevel;
}

export interface TimerFunction extends FunctionBase {
  readonly type: 'timer';
  readonly schedule: Schedule;
  readonly runOnStartup: boolean;
  readonly useMonitor: boolean;
}

export interface QueueFunction extends FunctionBase {
  readonly type: 'queue';
  readonly queueName: string;
  readonly connectionString: string;
}

export type HostFunction = HttpFunction | TimerFunction | QueueFunction;

export interface FunctionContext {
  readonly routePrefix: string;
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** Epoch ms. */
  readonly now: number;
}

/** Throws an `Error` that says why the host leaves the function out. */
export function toHostFunction(metadata: FunctionMetadata, context: FunctionContext): HostFunction {
  const { name } = metadata;
  if (!/^[a-z][\w-]{0,127}$/i.test(name) || name.toLowerCase() === 'host') {
    throw new Error('its name is invalid: a letter, then up to 127 letters, digits, "_" or "-", and not "host".');
  }
  for (const bindingName of Object.keys(metadata.bindings)) {
    if (!/^(\$return|[a-z][a-z0-9]{0,127})$/i.test(bindingName)) {
      throw new Error(`the name of its binding "${bindingName}" is invalid: letters and digits only.`);
    }
  }
  const trigger = triggerOf(metadata);
  if (!trigger) throw new Error('it has no trigger.');
  const [bindingName, binding] = trigger;
  const base = { name, bindingName, isDisabled: isDisabled(name, context.settings) };
  switch (binding.type.toLowerCase()) {
    case 'httptrigger':
      return { ...base, type: 'http', ...toHttpTrigger(name, binding, context.routePrefix) };
    case 'timertrigger':
      return { ...base, type: 'timer', ...toTimerTrigger(binding, context) };
    case 'queuetrigger':
      return { ...base, type: 'queue', ...toQueueTrigger(binding, context) };
    default:
      throw new Error(`this host knows no ${binding.type}.`);
  }
}

function toHttpTrigger(name: string, binding: Binding, routePrefix: string) {
  const route = typeof binding.route === 'string' ? binding.route : name;
  if (/^\/?(admin|runtime)/i.test(route)) {
    throw new Error(`its route "${route}" starts with "admin" or "runtime", which the host keeps for itself.`);
  }
  const methods = Array.isArray(binding.methods) ? binding.methods.map((method) => `${method}`.toUpperCase()) : [];
  return {
    route,
    template: parseRouteTemplate([routePrefix, route.replace(/^\//, '')].filter(Boolean).join('/')),
    methods,
    authLevel: parseAuthLevel(binding.authLevel),
  };
}

/** The host's own default is `function`; the library fills in `anonymous`. */
function parseAuthLevel(value: unknown): AuthLevel {
  const level = typeof value === 'string' ? value.toLowerCase() : 'function';
  if (level === 'anonymous' || level === 'function' || level === 'admin') return level;
  throw new Error(`its authLevel "${level}" must be anonymous, function or admin.`);
}

function toTimerTrigger(binding: Binding, { settings, now }: FunctionContext) {
  return {
    schedule: parseSchedule(resolveSetting(`${binding.schedule ?? ''}`, settings), now),
    runOnStartup: binding.runOnStartup === true,
    useMonitor: binding.useMonitor !== false,
  };
}

function toQueueTrigger(binding: Binding, { settings }: FunctionContext) {
  const queueName = resolveSetting(`${binding.queueName ?? ''}`, settings);
  if (!/^[a-z0-9](-?[a-z0-9]){2,62}$/.test(queueName)) throw new Error(`"${queueName}" is no name for a queue.`);
  const connection = `${binding.connection ?? 'AzureWebJobsStorage'}`;
  const connectionString = settings[connection];
  if (!connectionString) throw new Error(`its listener cannot start: the setting "${connection}" is missing.`);
  return { queueName, connectionString };
}

/** Resolves `%NAME%` to the setting of that name. */
function resolveSetting(text: string, settings: FunctionContext['settings']): string {
  const name = /^%([^%]+)%$/.exec(text)?.[1];
  if (name === undefined) return text;
  const value = settings[name];
  if (!value) throw new Error(`the setting "${name}" that it names is missing.`);
  return value;
}

function isDisabled(name: string, settings: FunctionContext['settings']): boolean {
  const value = settings[`AzureWebJobs.${name}.Disabled`] ?? settings[`AzureWebJobs_${name}_Disabled`];
  return /^(true|1)$/i.test(value ?? '');
}
