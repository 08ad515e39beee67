import { randomUUID } from 'node:crypto';
import { createCloud } from '../sandbox/cloud.ts';
import { replyWith } from '../sandbox/faults.ts';
import { startSandbox } from '../sandbox/proxy.ts';

/** As large as the real service's incidents are, and as many calls as are made. */
const cloud = createCloud({ behavior: { limits: false }, minimumIncidentBytes: 12_000 });
const sandbox = await startSandbox({ cloud });

/** What the benchmark asks of the sandbox, which has a process of its own so that its CPU time is separate from the app's. */
const questions = {
  environment: () => sandbox.environment,
  /** CPU time of this process so far, in milliseconds. */
  cpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  counts: () => {
    const count = (service: Parameters<typeof cloud.calls.count>[0]) => cloud.calls.count(service);
    const counts = {
      identity: count('managedIdentity'),
      vault: count('keyVault'),
      token: count('entra'),
      api: count('defenderXdr'),
    };
    cloud.calls.clear();
    return counts;
  },
  /** From now on every hunt finds this. */
  largeHunts,
  annotatedHunts,
  tenants: () => Array.from({ length: 1_000 }, addTenant),
  token: issueToken,
};

export type Questions = typeof questions;

process.on('message', async (name: keyof Questions) => process.send?.(await questions[name]()));
process.on('disconnect', () => process.exit());
process.send?.('ready');

/** Every hunt finds the same 100,000 rows from now on. */
function largeHunts() {
  return findAlways(['DeviceName', 'Text'], (index) => ({ DeviceName: `ws-${index}`, Text: 'x'.repeat(460) }));
}

/** The same with an OData annotation and an empty object in each row, as Graph sends them. */
function annotatedHunts() {
  return findAlways(['DeviceName', 'IsX', 'LastSeen', 'Text'], (index) => ({
    DeviceName: `ws-${index}`,
    'IsX@odata.type': '#SByte',
    IsX: 1,
    LastSeen: {},
    Text: 'x'.repeat(440),
  }));
}

function findAlways(columns: readonly string[], toRow: (index: number) => Record<string, unknown>) {
  const results = Array.from({ length: 100_000 }, (_, index) => toRow(index));
  const schema = columns.map((name) => ({ name, type: 'String' }));
  const body = Buffer.from(JSON.stringify({ schema, results }));
  cloud.faults.clear();
  cloud.faults.add({
    service: 'graph',
    effect: replyWith({ status: 200, headers: { 'content-type': 'application/json' }, body }),
  });
  return { rows: results.length, bytes: body.byteLength };
}

function addTenant(_: unknown, index: number): string {
  const id = randomUUID();
  const domain = `customer${index}.example`;
  return cloud.administrator.addTenant({ id, domain, displayName: `Customer ${index}`, incidentCount: 1 }).id;
}

async function issueToken(): Promise<string> {
  const { home, application } = cloud.world;
  const reply = await cloud.handle({
    method: 'POST',
    url: `https://login.microsoftonline.com/${home.id}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: application.clientId,
      client_secret: application.secrets[0]?.value ?? '',
      scope: 'https://api.security.microsoft.com/.default',
    }).toString(),
  });
  if ('broken' in reply) throw new Error('The sandbox gave no token');
  return JSON.parse(String(reply.body)).access_token;
}
