import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { indexFunctions } from '../../host/function-index.ts';
import type { FunctionMetadata } from '../../host/messages.ts';

function http(name: string, route?: string, methods = ['GET'], authLevel = 'anonymous'): FunctionMetadata {
  const trigger = { type: 'httpTrigger', direction: 'in', methods, authLevel, ...(route !== undefined && { route }) };
  return { name, bindings: { httpTrigger1: trigger, $return: { type: 'http', direction: 'out' } } };
}

function timer(name: string, schedule: string): FunctionMetadata {
  return { name, bindings: { timer1: { type: 'timerTrigger', direction: 'in', schedule } } };
}

function index(functions: FunctionMetadata[], settings: Record<string, string> = {}, routePrefix = 'api') {
  return indexFunctions(functions, { routePrefix, settings, now: Date.parse('2026-11-20T10:00:00Z') });
}

describe('the function index', () => {
  it('matches functions in the order of their names, not by specificity', () => {
    const { findRoute, warnings } = index([http('list', 'orders/latest'), http('Any', 'orders/{id}')]);
    assert.equal(findRoute('GET', '/api/orders/latest')?.httpFunction.name, 'Any');
    assert.deepEqual(warnings, [
      'list (GET orders/latest) is hidden: Any (orders/{id}) sorts before it and matches first.',
    ]);
  });

  it('continues with the next function when the method or a constraint does not match', () => {
    const { findRoute, warnings } = index([
      http('a', 'orders/{id:int}'),
      http('b', 'orders/{id}', ['DELETE']),
      http('c', 'orders/{name}'),
    ]);
    assert.equal(findRoute('GET', '/api/orders/1')?.httpFunction.name, 'a');
    assert.equal(findRoute('DELETE', '/api/orders/1')?.httpFunction.name, 'b');
    assert.deepEqual(findRoute('GET', '/api/orders/x')?.params, { name: 'x' });
    assert.equal(findRoute('PUT', '/api/orders/x'), undefined);
    assert.deepEqual(warnings, []);
  });

  it('uses the name as the default route, below the prefix of host.json', () => {
    assert.ok(index([http('Ping')]).findRoute('GET', '/api/ping'));
    assert.ok(index([http('Ping')], {}, '').findRoute('GET', '/ping'));
    assert.ok(index([http('root', '')], {}, '').findRoute('GET', '/'));
  });

  const refused: [title: string, functions: FunctionMetadata[], name: string, reason: RegExp][] = [
    ['the prefix admin', [http('administer')], 'administer', /starts with "admin" or "runtime"/],
    ['the prefix runtime', [http('x', 'runtime/x')], 'x', /starts with "admin" or "runtime"/],
    ['a route twice', [http('a', 'x/{y}'), http('b', 'X/{y}', ['GET', 'PUT'])], 'b', /already that of a/],
    ['an invalid name', [http('1st')], '1st', /name is invalid/],
    ['the name host', [http('Host')], 'Host', /name is invalid/],
    ['an unknown level', [http('x', 'x', ['GET'], 'user')], 'x', /authLevel "user"/],
    ['a bad template', [http('x', '{')], 'x', /Unbalanced brace/],
    ['a bad schedule', [timer('x', '* *')], 'x', /has 2 fields/],
    ['a missing setting', [timer('x', '%WHEN%')], 'x', /setting "WHEN"/],
    [
      'a bad binding name',
      [{ name: 'x', bindings: { 'a-b': { type: 'x', direction: 'in' } } }],
      'x',
      /"a-b" is invalid/,
    ],
    ['no trigger', [{ name: 'x', bindings: {} }], 'x', /no trigger/],
    [
      'an unknown trigger',
      [{ name: 'x', bindings: { q: { type: 'blobTrigger', direction: 'in' } } }],
      'x',
      /blobTrigger/,
    ],
  ];
  for (const [title, functions, name, reason] of refused) {
    it(`leaves out a function with ${title}, and nothing else`, () => {
      const { inError, functions: served } = index([...functions, http('zed')]);
      assert.equal(inError.length, 1);
      assert.equal(inError[0]?.name, name);
      assert.match(inError[0]?.reason ?? '', reason);
      assert.equal(served.length, functions.length);
    });
  }

  it('resolves schedules from settings and recognizes disabled functions', () => {
    const { functions } = index([timer('tick', '%WHEN%'), http('a'), http('b')], {
      WHEN: '0 * * * * *',
      'AzureWebJobs.a.Disabled': 'True',
      AzureWebJobs_b_Disabled: '1',
    });
    assert.deepEqual(
      functions.map(({ name, isDisabled }) => [name, isDisabled]),
      [
        ['a', true],
        ['b', true],
        ['tick', false],
      ],
    );
  });
});
