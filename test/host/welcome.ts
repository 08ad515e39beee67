import type { Host } from './host.ts';

export interface Surroundings {
  readonly homeTenant: string;
  readonly incidentCount: number;
  /** An incident to look at and to change. */
  readonly incidentId: number;
  readonly sandboxPort: number;
  /** Who has subscribed to incidents. */
  readonly receiverUrl: string;
  readonly faults: readonly string[];
  readonly isWatching: boolean;
}

const HUNT = 'DeviceProcessEvents | where Timestamp > ago(7d) | summarize count() by DeviceName | top 5 by count_';

/** What is running, and calls to paste into a shell. */
export function describeStart({ url, keys, functions }: Host, surroundings: Surroundings): string {
  const { homeTenant, incidentCount, incidentId, sandboxPort, receiverUrl, faults, isWatching } = surroundings;
  const http = functions.filter(({ type }) => type === 'http');
  const timers = functions.filter(({ type }) => type === 'timer');
  const queues = functions.filter(({ type }) => type === 'queue');
  const key = `-H 'x-functions-key: ${keys.function}'`;
  const json = `-H 'content-type: application/json'`;
  const body = JSON.stringify({ query: HUNT });
  const calls: [title: string, command: string][] = [
    ['The newest incidents', `curl '${url}/api/incidents?top=3' ${key}`],
    ['One of them', `curl ${url}/api/incidents/${incidentId} ${key}`],
    [
      'Take it over',
      `curl -X PATCH ${url}/api/incidents/${incidentId} ${key} ${json} -d '{"status":"InProgress","comment":"On it"}'`,
    ],
    ['Hunt', `curl ${url}/api/hunting ${key} ${json} -d '${body}'`],
    ['Hunt, as CSV', `curl ${url}/api/hunting ${key} ${json} -H 'accept: text/csv' -d '${body}'`],
    ['Is everything all right?', `curl ${url}/api/health ${key}`],
    ...timers.map(({ name, schedule }): [string, string] => [
      `Run the timer ${name} (${schedule}) now`,
      `curl -X POST ${url}/admin/functions/${name} -H 'x-functions-key: ${keys.master}' ${json} -d '{}'`,
    ]),
  ];
  return [
    '',
    bold(`defender-functions is running at ${url}/api`),
    `${http.length} HTTP functions, ${count(timers.length, 'timer')} and ${count(queues.length, 'queue')}, in a local Functions host (127.0.0.1 only),`,
    `against a sandbox Microsoft cloud: home tenant ${homeTenant}, ${incidentCount} incidents. Nothing leaves this machine.`,
    `The cloud itself is a proxy at http://127.0.0.1:${sandboxPort}, for sign-in and consent; the README shows how.`,
    `An incident appears in a moment, and arrives, signed, within a minute or two at ${receiverUrl}`,
    ...(faults.length > 0 ? [bold(`Faults on: ${faults.join(', ')}`)] : []),
    ...calls.flatMap(([title, command]) => ['', `# ${title}`, command]),
    '',
    isWatching
      ? 'A change to a source file rebuilds and restarts the app. Ctrl-C stops everything.'
      : 'Ctrl-C stops everything.',
    '',
  ].join('\n');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function bold(text: string): string {
  return process.stdout.isTTY ? `\x1b[1m${text}\x1b[22m` : text;
}
