import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StoredAlert } from '../sandbox/alert-store.ts';
import { replyWith } from '../sandbox/faults.ts';
import { graphError } from '../sandbox/graph-error.ts';
import type { Reply } from './call.ts';
import { useApp } from './harness.ts';
import { alertPageOf, assertProblem, assertStatus } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
const { home, tenants } = cloud.world;
const [, fabrikam, northwind] = tenants;
assert.ok(fabrikam && northwind);
const large = cloud.administrator.addTenant({
  id: 'f2b4d6c8-0e1f-4a3b-9c5d-7e8f9a0b1c2d',
  domain: 'litware.onmicrosoft.com',
  displayName: 'Litware',
  incidentCount: 400,
});
const customers = [fabrikam, northwind, large].map(({ id }) => id);
const { call, host } = await useApp({ cloud, settings: { DEFENDER_TENANTS: customers.join(',') } });
const { alerts } = cloud.securityOf(home.id);

const idsWhere = (isWanted: (stored: StoredAlert) => boolean): string[] =>
  alerts
    .all()
    .filter(isWanted)
    .map(({ alert }) => alert.alertId);
const allIds = idsWhere(() => true);
const idsOf = (reply: Reply): string[] => alertPageOf(reply).value.map(({ id }) => id);
const list = async (query: string) => idsOf(await call(`GET /alerts?${query}`));

function alertAt(position: number): StoredAlert {
  const found = alerts.all()[position];
  assert.ok(found);
  return found;
}

/** Every id from a page on to the end of its list, page by page. */
async function readOn(link: string | undefined): Promise<string[][]> {
  const pages: string[][] = [];
  for (let next = link; next !== undefined; ) {
    const reply = await call(`GET ${next}`);
    pages.push(idsOf(reply));
    next = alertPageOf(reply).nextLink;
  }
  return pages;
}

describe('listAlerts', () => {
  it('returns the newest 100 alerts by default', async () => {
    assert.deepEqual(await list(''), allIds.slice(0, 100));
    assert.deepEqual(await list('top=3'), allIds.slice(0, 3));
  });

  it('filters by status, severity, service source and owner, each a list of alternatives', async () => {
    assert.deepEqual(
      await list('top=1000&status=New,InProgress&severity=high,MEDIUM&serviceSource=microsoftDefenderForEndpoint'),
      idsWhere(
        ({ alert }) =>
          alert.status !== 'Resolved' &&
          ['High', 'Medium'].includes(alert.severity) &&
          alert.serviceSource === 'MicrosoftDefenderForEndpoint',
      ),
    );
    const { assignedTo } = alerts.all().find(({ alert }) => alert.assignedTo !== null)?.alert ?? {};
    assert.deepEqual(
      await list(`top=1000&assignedTo=${encodeURIComponent(assignedTo ?? '')}`),
      idsWhere(({ alert }) => alert.assignedTo === assignedTo),
    );
  });

  it('accepts the former name of a product', async () => {
    const ofMail = idsWhere(({ alert }) => alert.serviceSource === 'OfficeATP');
    assert.deepEqual(await list('top=1000&serviceSource=OfficeATP'), ofMail);
    assert.deepEqual(await list('top=1000&serviceSource=MicrosoftDefenderForOffice365'), ofMail);
  });

  it('includes alerts at the instant of a Since filter', async () => {
    const { creationTime, lastUpdatedTime } = alertAt(10).alert;
    assert.deepEqual(
      await list(`top=1000&createdSince=${creationTime}`),
      idsWhere(({ alert }) => Date.parse(alert.creationTime) >= Date.parse(creationTime)),
    );
    assert.deepEqual(
      await list(`top=1000&updatedSince=${lastUpdatedTime}`),
      idsWhere(({ alert }) => Date.parse(alert.lastUpdatedTime) >= Date.parse(lastUpdatedTime)),
    );
  });

  it('rejects unknown values without an upstream call', async () => {
    for (const [query, name] of [
      ['status=Active', 'status'],
      ['serviceSource=Contoso', 'serviceSource'],
      ['updatedBefore=2026-11-01T00:00:00Z', 'updatedBefore'],
      ['assignedTo=', 'assignedTo'],
      ['top=1001', 'top'],
    ]) {
      const { errors } = assertProblem(await call(`GET /alerts?${query}`), 400, 'InvalidRequest');
      assert.partialDeepStrictEqual(errors, [{ in: 'query', name }]);
    }
    assert.equal(cloud.calls.all.length, 0);
  });

  it('returns enumerations in canonical spelling and passes unknown members through', async () => {
    Object.assign(alertAt(0).alert, { serviceSource: 'MicrosoftSentinel', determination: 'InsufficientData' });
    for (const spelling of ['camelCase', 'PascalCase'] as const) {
      cloud.behavior.alertEnumerations = spelling;
      const [first, ...others] = alertPageOf(await call('GET /alerts?top=50')).value;
      assert.partialDeepStrictEqual(first, {
        serviceSource: 'MicrosoftSentinel',
        classification: 'Unknown',
        determination: 'NoEnoughDataToValidate',
      });
      for (const { status, severity, determination } of others) {
        assert.ok(['New', 'InProgress', 'Resolved'].includes(status), status);
        assert.ok(['Informational', 'Low', 'Medium', 'High'].includes(severity), severity);
        assert.equal(determination, 'NotAvailable');
      }
    }
  });

  it('sends the client request id to Graph', async () => {
    await call('GET /alerts?top=1', { headers: { 'x-ms-client-request-id': 'playbook-7' } });
    assert.equal(cloud.calls.of('graph')[0]?.headers['client-request-id'], 'playbook-7');
  });

  it('lists alerts of the requested tenant', async () => {
    const ids = await list(`top=1000&tenantId=${fabrikam.id}`);
    const expected = cloud.securityOf(fabrikam.id).alerts.all();
    assert.deepEqual(
      ids,
      expected.map(({ alert }) => alert.alertId),
    );
  });
});

describe('pages of listAlerts', () => {
  for (const alertPageSize of [1000, 100, 7]) {
    it(`have the requested size when a page of the service holds ${alertPageSize}`, async () => {
      cloud.behavior.alertPageSize = alertPageSize;
      assert.deepEqual(await list('top=1000'), allIds);
      for (const top of [100, 250]) {
        const first = await call(`GET /alerts?top=${top}`);
        const pages = [idsOf(first), ...(await readOn(alertPageOf(first).nextLink))];
        assert.deepEqual(pages.flat(), allIds);
        assert.ok(pages.slice(0, -1).every((page) => page.length === top));
      }
    });
  }

  it('continue beyond the 500 alerts that Graph can skip', async () => {
    const first = await call(`GET /alerts?top=60&tenantId=${large.id}`);
    const ids = [idsOf(first), ...(await readOn(alertPageOf(first).nextLink))].flat();
    assert.ok(ids.length > 600);
    assert.deepEqual(
      ids,
      cloud
        .securityOf(large.id)
        .alerts.all()
        .map(({ alert }) => alert.alertId),
    );
    assert.ok(cloud.calls.of('graph').every(({ url }) => !new URL(url).searchParams.has('$skip')));
  });

  it('end with the last alert, also when it fills the page', async () => {
    const query = `createdSince=${alertAt(19).alert.creationTime}`;
    const count = (await list(`top=1000&${query}`)).length;
    assert.ok(!('nextLink' in alertPageOf(await call(`GET /alerts?top=${count}&${query}`))));
    const { nextLink } = alertPageOf(await call(`GET /alerts?top=${count - 1}&${query}`));
    assert.deepEqual((await readOn(nextLink)).flat(), allIds.slice(count - 1, count));
  });

  it('have a nextLink that survives a restart, keeps the filter and works for no other list', async () => {
    const { nextLink } = alertPageOf(await call(`GET /alerts?top=30&severity=High&tenantId=${home.id}`));
    assert.ok(nextLink);
    await host.restart();
    const high = idsWhere(({ alert }) => alert.severity === 'High');
    assert.deepEqual((await readOn(nextLink)).flat(), high.slice(30));
    for (const [name, value] of [
      ['severity', 'Low'],
      ['tenantId', northwind.id],
      ['skipToken', 'x.y'],
    ] as const) {
      const link = new URL(nextLink);
      link.searchParams.set(name, value);
      const { errors } = assertProblem(await call(`GET ${link.href}`), 400, 'InvalidRequest');
      assert.partialDeepStrictEqual(errors, [{ in: 'query', name: 'skipToken' }]);
    }
  });

  it('are followed on the host of Graph only; another host is 502 and gets no token', async () => {
    for (const elsewhere of [
      'https://attacker.example/v1.0/security/alerts_v2?$skiptoken=x',
      'https://api.security.microsoft.com/v1.0/security/alerts_v2?$skiptoken=x',
      'https://graph.microsoft.com@attacker.example/v1.0/security/alerts_v2',
      'https://graph.microsoft.com/v1.0/users?$skiptoken=x',
    ]) {
      const page = { value: [], '@odata.nextLink': elsewhere };
      const remove = cloud.faults.add({
        service: 'graph',
        effect: replyWith({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(page) }),
      });
      assertProblem(await call('GET /alerts'), 502, 'UpstreamFailed');
      remove();
    }
    assert.equal(cloud.calls.count('unknown') + cloud.calls.count('defenderXdr'), 0);
  });
});

describe('getAlert', () => {
  it('returns the alert with its evidence', async () => {
    const { alert, incident } = alertAt(3);
    const reply = await call(`GET /alerts/${alert.alertId}`);
    assertStatus(reply, 200);
    assert.partialDeepStrictEqual(reply.json, {
      id: alert.alertId,
      incidentId: String(incident.incidentId),
      status: alert.status,
      severity: alert.severity,
      createdDateTime: alert.creationTime,
      evidence: [{ verdict: 'suspicious', remediationStatus: 'none' }],
    });
  });

  it('returns 404 for an unknown alert', async () => {
    const { upstream } = assertProblem(await call('GET /alerts/da637551227677560813_-1'), 404, 'NotFound');
    assert.partialDeepStrictEqual(upstream, { service: 'graph', status: 404, code: 'NotFound' });
  });

  it('returns 400 for a malformed id without an upstream call', async () => {
    for (const id of ['%20', 'a%2F..%2Fincidents', '%2e%2e%2f', 'a%3Fb', '-a', '%C3%A4', 'a'.repeat(257)]) {
      const { errors } = assertProblem(await call(`GET /alerts/${id}`), 400, 'InvalidRequest');
      assert.partialDeepStrictEqual(errors, [{ in: 'path', name: 'alertId' }]);
    }
    assert.equal(cloud.calls.all.length, 0);
  });
});

describe('throttling by Graph', () => {
  const throttled =
    (seconds: string) =>
    async (...[request]: Parameters<ReturnType<typeof replyWith>>) => {
      const reply = graphError(429, 'TooManyRequests', 'Slow down.', request, cloud);
      return { ...reply, headers: { ...reply.headers, 'retry-after': seconds } };
    };

  it('is retried while it lasts less than ten seconds', async () => {
    cloud.faults.add({ service: 'graph', times: 1, effect: throttled('0') });
    assertStatus(await call('GET /alerts?top=1'), 200);
  });

  it('is 429 with Retry-After when it lasts', async () => {
    cloud.behavior.limits = true;
    cloud.behavior.retryAfter = true;
    cloud.behavior.callsPerMinute = 1;
    assertStatus(await call(`GET /alerts?top=1&tenantId=${northwind.id}`), 200);
    const reply = await call(`GET /alerts?top=1&tenantId=${northwind.id}`);
    const { upstream } = assertProblem(reply, 429, 'Throttled');
    assert.partialDeepStrictEqual(upstream, { service: 'graph', status: 429, code: 'TooManyRequests' });
    const seconds = Number(reply.headers.get('retry-after'));
    assert.ok(seconds > 50 && seconds <= 60, `${seconds}`);
  });
});
