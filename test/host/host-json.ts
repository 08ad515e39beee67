import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../shared/errors.ts';
import type { QueueSettings } from './queue-listener.ts';

/** What this host heeds of host.json. */
export interface HostJson {
  /** Without slashes around it; `''` for none. */
  readonly routePrefix: string;
  readonly customHeaders: Readonly<Record<string, string>>;
  /** `Infinity` for an unbounded run. */
  readonly functionTimeoutMs: number;
  readonly queues: QueueSettings;
}

const DEFAULT_TIMEOUT_MS = 30 * 60_000;

/** Throws an `Error` that names the file and what is wrong with it. */
export function readHostJson(appDirectory: string): HostJson {
  const file = join(appDirectory, 'host.json');
  let content: {
    functionTimeout?: unknown;
    extensions?: { http?: Record<string, unknown>; queues?: Record<string, unknown> };
  };
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const { routePrefix, customHeaders } = content.extensions?.http ?? {};
  return {
    routePrefix: typeof routePrefix === 'string' ? routePrefix.replace(/^\/|\/$/g, '') : 'api',
    customHeaders: Object.fromEntries(
      Object.entries(customHeaders ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
    ),
    functionTimeoutMs: parseTimeout(content.functionTimeout),
    queues: parseQueues(content.extensions?.queues ?? {}),
  };
}

/** With the defaults of the host. */
function parseQueues(queues: Record<string, unknown>): QueueSettings {
  const count = (name: string, defaultValue: number) =>
    queues[name] === undefined ? defaultValue : Number(queues[name]);
  const span = (name: string, defaultValue: string) =>
    parseTimeSpan(`extensions.queues.${name}`, queues[name] ?? defaultValue);
  if ((queues.messageEncoding ?? 'base64') !== 'base64') throw new Error('This host reads queues in base64 only.');
  const batchSize = count('batchSize', 16);
  return {
    batchSize,
    newBatchThreshold: count('newBatchThreshold', batchSize / 2),
    maxDequeueCount: count('maxDequeueCount', 5),
    visibilityTimeoutMs: span('visibilityTimeout', '00:00:00'),
    maxPollingIntervalMs: span('maxPollingInterval', '00:01:00'),
  };
}

function parseTimeout(value: unknown): number {
  if (value === undefined) return DEFAULT_TIMEOUT_MS;
  if (value === '-1' || value === -1) return Number.POSITIVE_INFINITY;
  return parseTimeSpan('functionTimeout', value);
}

function parseTimeSpan(name: string, value: unknown): number {
  const match = /^(?:(\d+)\.)?(\d+):(\d+):(\d+)$/.exec(String(value));
  if (!match) throw new Error(`"${name}" of host.json is ${value}; it should look like "00:05:00".`);
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
}
