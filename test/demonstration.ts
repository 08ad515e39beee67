import type { Host } from './host/host.ts';
import type { CallerKind } from './host/start-options.ts';
import type { Cloud } from './sandbox/cloud.ts';
import type { ReceivedMessage } from './sandbox/webhook-receiver.ts';

/** A receiver in the sandbox, like a Logic App. */
export const receiverUrl = 'https://prod-00.westeurope.logic.azure.com/workflows/demonstration';

const appearsAfterMs = 5_000;
const lookEveryMs = 250;

/** Subscribes a receiver, adds an incident and logs its delivery, until it is aborted. */
export async function demonstrateFeed(
  host: Host,
  cloud: Cloud,
  callers: CallerKind,
  log: (line: string) => void,
): Promise<() => void> {
  // An app that has not been loaded yet cannot take a subscription.
  if (!host.functions.some(({ name }) => name === 'subscribe')) return () => {};
  const secret = await subscribe(host, callers === 'token' ? await cloud.signInApp() : undefined);
  const appearing = setTimeout(() => log(`${addIncident(cloud)} was created in the sandbox.`), appearsAfterMs);
  let seen = 0;
  const looking = setInterval(() => {
    for (const message of cloud.received.slice(seen)) log(describe(message, secret));
    seen = cloud.received.length;
  }, lookEveryMs);
  return () => {
    clearTimeout(appearing);
    clearInterval(looking);
  };
}

async function subscribe({ url, keys }: Host, token: string | undefined): Promise<string> {
  const response = await fetch(`${url}/api/subscriptions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? { 'x-functions-key': keys.function } : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({
      callbackUrl: receiverUrl,
      events: ['incident.created', 'incident.updated', 'hunt.results'],
    }),
  });
  return JSON.parse(await response.text()).signingSecret;
}

function addIncident(cloud: Cloud): string {
  const { incidents } = cloud.securityOf(cloud.world.home.id);
  const [newest] = incidents.all();
  if (!newest) throw new Error('The sandbox has no incidents.');
  const now = new Date(cloud.now()).toISOString();
  const incidentId = newest.incidentId + 1;
  incidents.add({ ...newest, incidentId, createdTime: now, lastUpdateTime: now, status: 'Active', severity: 'High' });
  return `Incident ${incidentId} ("${newest.incidentName}")`;
}

function describe(message: ReceivedMessage, secret: string): string {
  if (message.url !== receiverUrl) return `Delivered to ${message.url}`;
  try {
    message.verify(secret);
  } catch (error) {
    return `The receiver rejected a delivery: ${error instanceof Error ? error.message : error}`;
  }
  const { type, data } = JSON.parse(message.body);
  const what = data.incidentId === undefined ? `hunt "${data.name}", ${data.rows} rows` : `incident ${data.incidentId}`;
  return `Delivered ${type}: ${what}, signature valid (webhook-id ${message.webhookId}).`;
}
