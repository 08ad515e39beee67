import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Defender } from '../../../shared/defender/defender.ts';
import { RequestError, UpstreamError } from '../../../shared/errors.ts';
import { toProblemReply } from '../../../shared/inbound/problem.ts';
import type { ScriptedReply } from '../fake-http-client.ts';
import { runHunting } from './collect-hunting.ts';
import { openDefender } from './open-client.ts';

const machineId = 'a'.repeat(40);
const indicator = {
  indicatorValue: 'x.example',
  indicatorType: 'DomainName',
  action: 'Block',
  title: 'x',
  description: 'x',
};
const top = 3;
/** An earlier attempt makes an operation read before it writes. */
const earlier = Date.parse('2026-11-20T11:59:00Z');

const operations: Record<string, (defender: Defender) => Promise<unknown>> = {
  'incidents.list': ({ incidents }) => incidents.list({ top }),
  'incidents.list by severity': ({ incidents }) => incidents.list({ top, severity: ['High'] }),
  'incidents.get': ({ incidents }) => incidents.get(7),
  'incidents.update': ({ incidents }) => incidents.update(7, { determination: 'Clean', comment: 'x' }, earlier),
  'incidents.readWindow': ({ incidents }) => incidents.readWindow({ updatedFrom: 0n }),
  'alerts.list': ({ alerts }) => alerts.list({ top }),
  'alerts.get': ({ alerts }) => alerts.get('a'),
  'alerts.update': ({ alerts }) => alerts.update('a', { determination: 'Clean', comment: 'x' }, earlier),
  'machines.list': ({ machines }) => machines.list({ top }),
  'machines.get': ({ machines }) => machines.get(machineId),
  'machineActions.start': ({ machineActions }) =>
    machineActions.start(machineId, { type: 'isolate', comment: 'x' }, earlier),
  'machineActions.get': ({ machineActions }) => machineActions.get('a'),
  'machineActions.getPackage': ({ machineActions }) => machineActions.getPackage('a'),
  'indicators.list': ({ indicators }) => indicators.list({ top }),
  'indicators.submit': ({ indicators }) => indicators.submit(indicator),
  'indicators.delete': ({ indicators }) => indicators.delete(7),
  'hunting.run': (defender) => runHunting(defender, { query: 'x' }),
};

/** What reaches the caller as text is JSON. */
function assertJson(result: unknown): void {
  const { parts, text } = Object(result);
  const json = Array.isArray(parts) ? parts.join('') : (text ?? result);
  if (typeof json === 'string') JSON.parse(json);
}

/** Documented members, with values of any type. */
const member = fc.constantFrom(
  ...['id', 'incidentId', 'value', '@odata.nextLink', 'status', 'severity', 'determination', 'alerts', 'comments'],
  ...['type', 'requestorComment', 'creationDateTimeUtc', 'lastUpdateTime', 'createdTime', 'error', 'code', 'message'],
  ...['schema', 'results', 'Schema', 'Results', 'name', 'indicatorValue', '__proto__', 'constructor', 'toString'],
);
const leaf = fc.oneof(
  fc.constantFrom(null, true, 0, -1, 1e308, '', 'x', 'active', '7', '2026-11-20T12:00:00', '\u0000', '\ud800'),
  fc.constantFrom('https://api.security.microsoft.com/api/incidents?a=1', 'https://evil.example/', '"https://x/?se=y"'),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('json'), { maxLength: 4 }), fc.dictionary(member, tie('json'))),
}));
const list = fc.oneof(json, fc.array(json, { maxLength: 3 }));
const id = fc.oneof(fc.constantFrom(7, '7', 'a'), leaf);
const members = { id, incidentId: id, status: leaf, severity: leaf, alerts: list, comments: list, type: leaf };
const entity = fc.record(members, { requiredKeys: [] });
const page = fc.record({ value: fc.oneof(fc.array(entity, { maxLength: 4 }), list), '@odata.nextLink': leaf });
const hunt = fc.record({ schema: json, results: json });

const body: fc.Arbitrary<string> = fc.oneof(
  fc.oneof(json, page, entity, hunt).map((value) => JSON.stringify(value)),
  fc.tuple(fc.oneof(json, page), fc.nat(40)).map(([value, length]) => JSON.stringify(value).slice(0, length)),
  fc.constantFrom('', '\ufeff{}', '<html>', '[', '{"value":[', 'null', '{}{}', '['.repeat(20_000)),
);
const header = fc.constantFrom('-43', '0', '1e9', '5.5', 'never', '99999999999', 'Fri, 20 Nov 2026 12:00:04 GMT');
const reply: fc.Arbitrary<ScriptedReply> = fc.record({
  status: fc.constantFrom(
    200,
    200,
    200,
    201,
    202,
    204,
    299,
    302,
    304,
    400,
    401,
    403,
    404,
    408,
    409,
    410,
    429,
    500,
    503,
  ),
  headers: fc.dictionary(fc.constantFrom('retry-after', 'www-authenticate', 'request-id'), header),
  body,
});

describe('response of a service', () => {
  for (const [name, operate] of Object.entries(operations)) {
    test(`leads to a result or a documented problem: ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(reply, { minLength: 12, maxLength: 12 }), async (script) => {
          const { defender, clock } = openDefender({ script: [...script, ...Array(40).fill({ status: 204 })] });
          const error = await clock.runUntil(operate(defender)).then(assertJson, (caught: unknown) => caught);
          if (error === undefined) return;
          assert.ok(error instanceof RequestError || error instanceof UpstreamError, String(error));
          const { status, headers = {} } = toProblemReply(error, 'r-1', { isAnonymous: false });
          assert.ok([400, 401, 403, 404, 409, 429, 502, 504].includes(status), `${status} ${error.message}`);
          assert.match(headers['retry-after'] ?? '1', /^[1-9]\d{0,3}$/);
        }),
        { numRuns: 150 },
      );
    });
  }
});
