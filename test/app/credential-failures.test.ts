import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { entraError } from '../sandbox/entra-error.ts';
import { type CloudReply, json } from '../sandbox/exchange.ts';
import { breakConnection, cutBody, type Effect, replyWith } from '../sandbox/faults.ts';
import type { ServiceName } from '../sandbox/national-cloud.ts';
import { useApp } from './harness.ts';
import { assertProblem, assertStatus, type Problem } from './replies.ts';

const { cloud, call, host, startBeside } = await useApp();
const { faults, calls } = cloud;

const vaultError = (status: number, code: string, innerCode?: string): CloudReply =>
  json(status, { error: { code, message: 'Refused.', ...(innerCode && { innererror: { code: innerCode } }) } });
/** It can be tried again at once, so that no test waits. */
const outage = json(503, { error: { code: 'Unavailable', message: 'Down.' } }, { 'retry-after': '0' });
const hasToken = ({ headers }: { headers: Readonly<Record<string, string>> }) => headers.authorization !== undefined;

const list = () => call('GET /incidents?top=1');

async function failWith(service: ServiceName, effect: Effect): Promise<Problem & { retryAfter: string | null }> {
  const remove = faults.add({ service, effect, ...(service === 'keyVault' && { match: hasToken }) });
  const reply = await list();
  remove();
  return { ...assertProblem(reply, 503, 'CredentialUnavailable'), retryAfter: reply.headers.get('retry-after') };
}

describe('failures before a token', () => {
  beforeEach(() => host.restart());

  it('report a missing managed identity with a next step', async () => {
    const refused = json(400, { statusCode: 400, message: 'No User Assigned or Delegated Managed Identity found.' });
    const problem = await failWith('managedIdentity', replyWith(refused));
    assert.partialDeepStrictEqual(problem.upstream, { service: 'managedIdentity', status: 400 });
    assert.match(problem.nextStep ?? '', /Assign a managed identity .* AZURE_CLIENT_ID/);
    assertStatus(await list(), 200);
  });

  it('report a missing identity endpoint at once', async (t) => {
    const app = await startBeside({ IDENTITY_ENDPOINT: '' });
    t.after(() => app.stop());
    const problem = assertProblem(await app.call('GET /incidents'), 503, 'CredentialUnavailable');
    assert.equal(problem.upstream?.service, 'managedIdentity');
    assert.match(problem.nextStep ?? '', /az functionapp identity assign/);
    assert.equal(calls.count('managedIdentity'), 0);
  });

  it('report what Key Vault refused with a next step', async () => {
    for (const [reply, code, nextStep] of [
      [vaultError(404, 'SecretNotFound'), 'SecretNotFound', /DEFENDER_CLIENT_SECRET_NAME/],
      [vaultError(403, 'Forbidden', 'SecretDisabled'), 'SecretDisabled', /Enable/],
      [vaultError(403, 'Forbidden', 'AccessDenied'), 'AccessDenied', /Key Vault Secrets User/],
      [vaultError(403, 'Forbidden', 'ForbiddenByRbac'), 'ForbiddenByRbac', /Key Vault Secrets User/],
      [vaultError(403, 'Forbidden'), 'Forbidden', /firewall/],
    ] as const) {
      const problem = await failWith('keyVault', replyWith(reply));
      assert.partialDeepStrictEqual(problem.upstream, { service: 'keyVault', code });
      assert.match(problem.nextStep ?? '', nextStep);
    }
    assertStatus(await list(), 200);
  });

  it('report an empty secret', async () => {
    const problem = await failWith('keyVault', async (_request, answer) => {
      const reply = await answer();
      return 'broken' in reply ? reply : json(200, { ...JSON.parse(String(reply.body)), value: '' });
    });
    assert.equal(problem.upstream?.service, 'keyVault');
    assert.match(problem.nextStep ?? '', /new version/);
  });

  for (const service of ['managedIdentity', 'keyVault', 'entra'] as const) {
    it(`report an outage of ${service}; the next call tries again`, async () => {
      const problem = await failWith(service, replyWith(outage));
      assert.partialDeepStrictEqual(problem.upstream, { service, status: 503 });
      assert.ok(problem.nextStep);
      assertStatus(await list(), 200);
    });

    it(`report that ${service} is unreachable; the next call tries again`, async () => {
      const problem = await failWith(service, breakConnection);
      assert.partialDeepStrictEqual(problem.upstream, { service });
      assert.match(problem.detail, /could not be reached/);
      assertStatus(await list(), 200);
    });

    it(`report a malformed response of ${service}; the next call tries again`, async () => {
      const problem = await failWith(service, cutBody);
      assert.partialDeepStrictEqual(problem.upstream, { service, status: 200 });
      assertStatus(await list(), 200);
    });
  }

  it('do not include one transient failure of each service', async () => {
    for (const service of ['managedIdentity', 'keyVault', 'entra'] as const) {
      faults.add({ service, times: 1, effect: breakConnection });
    }
    assertStatus(await list(), 200);
  });

  it('return the Retry-After of Entra when it keeps throttling', async () => {
    const throttled = entraError(90055, {}, cloud.now());
    const later: CloudReply = { ...throttled, headers: { ...throttled.headers, 'retry-after': '60' } };
    const problem = await failWith('entra', replyWith(later));
    assert.equal(problem.upstream?.code, 'AADSTS90055');
    assert.equal(problem.retryAfter, '60');
    assert.equal(calls.of('entra').filter(({ path }) => path.endsWith('/token')).length, 1);
  });

  it('do not include throttling of Entra that ends within ten seconds', async () => {
    const throttled = entraError(90055, {}, cloud.now());
    const soon: CloudReply = { ...throttled, headers: { ...throttled.headers, 'retry-after': '0' } };
    faults.add({ service: 'entra', times: 2, effect: replyWith(soon) });
    assertStatus(await list(), 200);
  });
});
