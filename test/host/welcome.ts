import { identityHeader } from '../sandbox/managed-identity.ts';
import type { Host } from './host.ts';

export interface Surroundings {
  readonly homeTenant: string;
  readonly incidentCount: number;
  /** An incident to read and to update. */
  readonly incidentId: number;
  readonly sandboxPort: number;
  /** A subscriber to incidents. */
  readonly receiverUrl: string;
  /** Where a caller gets a token; undefined when a function key is enough. */
  readonly tokenUrl: string | undefined;
  readonly faults: readonly string[];
  readonly isWatching: boolean;
}

const HUNT = 'DeviceProcessEvents | where Timestamp > ago(7d) | summarize count() by DeviceName | top 5 by count_';

/** Describes the running app, with calls to paste into a shell. */
export function describeStart({ url, keys, functions }: Host, surroundings: Surroundings): string {
  const { homeTenant, incidentCount, incidentId, sandboxPort, receiverUrl, tokenUrl, faults, isWatching } =
    surroundings;
  const http = functions.filter(({ type }) => type === 'http');
  const timers = functions.filter(({ type }) => type === 'timer');
  const queues = functions.filter(({ type }) => type === 'queue');
  const key = tokenUrl === undefined ? `-H 'x-functions-key: ${keys.function}'` : '-H "authorization: Bearer $TOKEN"';
  const json = `-H 'content-type: application/json'`;
  const body = JSON.stringify({ query: HUNT });
  const calls: [title: string, command: string][] = [
    ...(tokenUrl === undefined ? [] : [describeToken(tokenUrl)]),
    ['List the newest incidents', `curl '${url}/api/incidents?top=3' ${key}`],
    ['Get an incident', `curl ${url}/api/incidents/${incidentId} ${key}`],
    [
      'Update it',
      `curl -X PATCH ${url}/api/incidents/${incidentId} ${key} ${json} -d '{"status":"InProgress","comment":"On it"}'`,
    ],
    ['Run a hunting query', `curl ${url}/api/hunting ${key} ${json} -d '${body}'`],
    ['Get its rows as CSV', `curl ${url}/api/hunting ${key} ${json} -H 'accept: text/csv' -d '${body}'`],
    ['Check the health of the app', `curl ${url}/api/health ${key}`],
    ...timers.map(({ name, schedule }): [string, string] => [
      `Run the timer ${name} now (schedule: ${schedule})`,
      `curl -X POST ${url}/admin/functions/${name} -H 'x-functions-key: ${keys.master}' ${json} -d '{}'`,
    ]),
  ];
  return [
    '',
    bold(`defender-functions is running at ${url}/api`),
    `${http.length} HTTP functions, ${count(timers.length, 'timer')} and ${count(queues.length, 'queue')}, on a local Functions host (127.0.0.1 only),`,
    `against a sandbox of the Microsoft cloud: home tenant ${homeTenant}, ${incidentCount} incidents. Nothing leaves this machine.`,
    `The sandbox is a proxy at http://127.0.0.1:${sandboxPort}; docs/authentication.md shows how to sign in and consent through it.`,
    `A new incident is created in a few seconds and delivered, signed, within two minutes to ${receiverUrl}`,
    ...(faults.length > 0 ? [bold(`Active faults: ${faults.join(', ')}`)] : []),
    ...calls.flatMap(([title, command]) => ['', `# ${title}`, command]),
    '',
    isWatching
      ? 'A change to a source file rebuilds and restarts the app. Ctrl-C stops everything.'
      : 'Ctrl-C stops everything.',
    '',
  ].join('\n');
}

/** Prints no token: the command gets one, as the managed identity of a workflow does. */
function describeToken(url: string): [string, string] {
  const readToken = `sed -E 's/.*"access_token":"([^"]+)".*/\\1/'`;
  const command = `TOKEN=$(curl -s '${url}' -H 'x-identity-header: ${identityHeader}' | ${readToken})`;
  return ["Get an access token of a workflow's managed identity", command];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function bold(text: string): string {
  return process.stdout.isTTY ? `\x1b[1m${text}\x1b[22m` : text;
}
