import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openDefender } from './open-client.ts';
import { textOf } from './things.ts';

const context = '"@odata.context":"https://api.security.microsoft.com/api/$metadata#Incidents"';
const link = '"@odata.nextLink":"https://api.security.microsoft.com/api/incidents?$skiptoken=x"';

/** As JavaScript would not write it: spaces, escapes, numbers with more digits than it has. */
const odd = '[{"incidentId" : 7, "status":"Active", "n": 1.0, "big": 9007199254740993,\n "u": "\\u00fc]}"}]';

async function listText(body: string): Promise<string> {
  const { defender, clock } = openDefender({ script: [{ body }] });
  return textOf(await clock.runUntil(defender.incidents.list({ top: 1 })));
}

describe('text of the service is passed through byte for byte', () => {
  for (const body of [
    `{"value":${odd}}`,
    `{${context},"value":${odd}}`,
    `{${context},"value":${odd},${link}}`,
    ` {\n ${context} ,\r\n "value" : ${odd} , "@odata.nextLink" : null }\n`,
  ]) {
    test(`keeps the text of a list: ${body.replaceAll(odd, '[...]').trim()}`, async () =>
      assert.equal(await listText(body), odd));
  }

  test('keeps the text of a single incident', async () => {
    const text = odd.slice(1, -1);
    const { defender } = openDefender({ script: [{ body: text }] });
    assert.equal(await defender.incidents.get(7), text);
  });
});

describe('truncated list', () => {
  const three = '{"value":[{"incidentId": 1},{"incidentId": 2},{"incidentId":3}]}';

  test('keeps the text of the remaining entities', async () => {
    const { defender, clock } = openDefender({ script: [{ body: three }] });
    assert.equal(
      textOf(await clock.runUntil(defender.incidents.list({ top: 2 }))),
      '[{"incidentId": 1},{"incidentId": 2}]',
    );
  });

  test('serializes the page again when the end cannot be located', async () => {
    const { defender, clock } = openDefender({ script: [{ body: three.replace(':3}', ' : 3}') }] });
    assert.equal(
      textOf(await clock.runUntil(defender.incidents.list({ top: 2 }))),
      '[{"incidentId":1},{"incidentId":2}]',
    );
  });
});

describe('equivalent JSON is passed through', () => {
  for (const [name, body] of [
    ['with members in another order', `{"value":${odd},${context}}`],
    ['with unknown members', `{${context},"@odata.count":1,"value":${odd}}`],
    ['with a text that looks like the end of the list', `{"value":${odd},"@odata.nextLink":null,"x":"]}"}`],
  ] as const) {
    test(name, async () => assert.deepEqual(JSON.parse(await listText(body)), JSON.parse(odd)));
  }
});

test('a list of several service pages keeps the text of its entities', async () => {
  const script = [{ body: `{"value":${odd},${link}}` }, { body: '{"value":[{"incidentId": 8,"status":"new"}]}' }];
  const { defender, clock } = openDefender({ script });
  const text = textOf(await clock.runUntil(defender.incidents.list({ top: 3 })));
  assert.equal(text, `${odd.slice(0, -1)},{"incidentId": 8,"status":"New"}]`);
});

describe('malformed list is an upstream failure that does not quote it', () => {
  for (const body of [
    '',
    'secret',
    '[]',
    '{}',
    '{"value":"secret"}',
    '{"value":[1]}',
    '{"value":[null]}',
    '{"value":[[]]}',
  ]) {
    test(body || 'nothing', async () => {
      await assert.rejects(listText(body), { name: 'UpstreamError', failure: 'malformed', message: /^(?!.*secret)/ });
    });
  }
});
