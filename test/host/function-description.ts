import type { HostFunction } from './host-function.ts';
import type { RunningApp } from './running-app.ts';

export interface FunctionDescription {
  readonly name: string;
  readonly type: 'http' | 'timer' | 'queue' | 'inError';
  /** HTTP: the path with the prefix. */
  readonly route?: string;
  readonly methods?: readonly string[];
  readonly authLevel?: string;
  /** Timer: with settings resolved. */
  readonly schedule?: string;
  readonly queueName?: string;
  readonly isDisabled?: boolean;
  /** Why the function is left out. */
  readonly error?: string;
}

export function describeFunctions({ index }: RunningApp): FunctionDescription[] {
  const inError = index.inError.map(({ name, reason }) => ({ name, type: 'inError' as const, error: reason }));
  return [...index.functions.map(describeFunction), ...inError];
}

function describeFunction(each: HostFunction): FunctionDescription {
  const { name, isDisabled } = each;
  if (each.type === 'timer') return { name, type: 'timer', schedule: each.schedule.expression, isDisabled };
  if (each.type === 'queue') return { name, type: 'queue', queueName: each.queueName, isDisabled };
  const { methods, authLevel, template } = each;
  return { name, type: 'http', route: `/${template.text}`, methods, authLevel, isDisabled };
}
