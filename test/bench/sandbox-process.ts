import { randomUUID } from 'node:crypto';
import { createCloud } from '../sandbox/cloud.ts';
import type { CloudReply, CloudRequest } from '../sandbox/exchange.ts';
import { replyWith } from '../sandbox/faults.ts';
import { startSandbox } from '../sandbox/proxy.ts';

/** Incidents of the size of the real service's, and no limits. */
const cloud = createCloud({ behavior: { limits: false }, minimumIncidentBytes: 12_000 });
const sandbox = await startSandbox({ cloud: { ...cloud, handle: handleWithAliases } });

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
      api: count('defenderXdr') + repeatedPages,
    };
    cloud.calls.clear();
    repeatedPages = 0;
    return counts;
  },
  /** From now on every hunt finds this. */
  largeHunts,
  annotatedHunts,
  tenants: () => Array.from({ length: 1_000 }, addTenant),
};

const incidentPages = new Map<string, CloudReply>();
/** The calls that `incidentPages` answered: the cloud does not count them. */
let repeatedPages = 0;

export type Questions = typeof questions;

process.on('message', async (name: keyof Questions) => process.send?.(await questions[name]()));
process.on('disconnect', () => process.exit());
process.send?.('ready');

/** Pages of incidents in which some enumerations need normalization, made once per URL so that they cost the machine little. */
async function handleWithAliases(request: CloudRequest): Promise<CloudReply> {
  const known = incidentPages.get(request.url);
  if (known !== undefined) {
    repeatedPages++;
    return known;
  }
  const reply = await cloud.handle(request);
  if ('broken' in reply || reply.status !== 200 || !request.url.includes('/api/incidents?$top=2')) return reply;
  const text = Buffer.from(reply.body).toString();
  const body = text
    .replaceAll('"severity":"High"', '"severity":"high"')
    .replaceAll('"status":"Active"', '"status":"active"')
    .replaceAll('"determination":"NotAvailable"', '"determination":"unknown"');
  const page = { ...reply, body: Buffer.from(body) };
  incidentPages.set(request.url, page);
  return page;
}

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
