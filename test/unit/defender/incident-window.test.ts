import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatTicks } from '../../../shared/defender/ticks.ts';
import { openDefender } from './open-client.ts';

const window = { updatedFrom: 0n };
const time = '2026-11-28T10:54:41.845Z';

async function readPage(body: object, range: { top?: number; skip?: number } = {}) {
  const { defender, httpClient } = openDefender({ script: [{ body }] });
  const page = await defender.incidents.readWindow(window, range);
  return { page, url: httpClient.requests[0]?.url };
}

describe('a page of a window of incidents', () => {
  it('is requested with the bounds of the window', async () => {
    const { defender, httpClient } = openDefender({ script: [{ body: { value: [] } }] });
    const bounds = { updatedFrom: 0n, updatedBefore: 10_000n, createdFrom: 1n, createdBefore: 2n };
    await defender.incidents.readWindow(bounds, { top: 1, skip: 7 });
    const query = httpClient.requests[0]?.url.searchParams;
    assert.deepEqual([query?.get('$top'), query?.get('$skip')], ['1', '7']);
    assert.equal(
      query?.get('$filter'),
      'lastUpdateTime ge 1970-01-01T00:00:00.0000000Z and lastUpdateTime lt 1970-01-01T00:00:00.0010000Z' +
        ' and createdTime ge 1970-01-01T00:00:00.0000001Z and createdTime lt 1970-01-01T00:00:00.0000002Z',
    );
  });

  it('holds a version of each incident, with any published form of its id and time', async () => {
    const { page } = await readPage({
      value: [
        { incidentId: 1, lastUpdateTime: time, createdTime: '2026-11-28T09:00:00Z' },
        { incidentId: '2', lastUpdateTime: '2026-11-28T10:54:41.845' },
        { incidentId: 3, lastUpdateTime: '2026-11-28T11:54:41.845+01:00', createdTime: null },
      ],
    });
    assert.deepEqual(page.unversioned, []);
    assert.deepEqual(
      page.versions.map(({ incidentId, updatedAt }) => `${incidentId} ${formatTicks(updatedAt)}`),
      [1, 2, 3].map((id) => `${id} 2026-11-28T10:54:41.8450000Z`),
    );
  });

  it('names the incidents that cannot be versioned', async () => {
    const { page } = await readPage({
      value: [
        { incidentId: 1, lastUpdateTime: time },
        { incidentId: 2 },
        { incidentId: 'x-3', lastUpdateTime: time },
        { incidentId: 4, lastUpdateTime: 'soon' },
        { incidentId: -5, lastUpdateTime: time },
        null,
        'text',
      ],
    });
    assert.deepEqual([page.versions.length, page.count], [1, 7]);
    assert.deepEqual(page.unversioned, ['2', '?', '4', '?', '?', '?']);
  });

  it('is the last one if it is short and has no link', async () => {
    const incident = { incidentId: 1, lastUpdateTime: time };
    const link = { '@odata.nextLink': 'https://elsewhere.example/api/incidents?$skip=1' };
    assert.equal((await readPage({ value: [incident] }, { top: 2 })).page.end, 'reached');
    assert.equal((await readPage({ value: [incident] }, { top: 1 })).page.end, 'open');
    assert.equal((await readPage({ value: [incident], ...link }, { top: 2 })).page.end, 'unclear');
    assert.equal((await readPage({ value: [], ...link }, { top: 2 })).page.end, 'reached');
  });

  it('fails for anything that is no list', async () => {
    for (const body of [{}, { value: {} }, { value: null }])
      await assert.rejects(readPage(body), { name: 'UpstreamError', failure: 'malformed' });
  });
});
