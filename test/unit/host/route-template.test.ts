import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRouteTemplate } from '../../host/route-template.ts';

const GUID = '0f8fad5b-d9cb-469f-a165-70867728950e';

describe('a route template', () => {
  const matches: [template: string, path: string, params: Record<string, string>][] = [
    ['api/incidents', '/API/Incidents', {}],
    ['api/incidents', '/api/incidents/', {}],
    ['/api/incidents/', '/api/incidents', {}],
    ['', '/', {}],
    ['a/{x}', '/a/1', { x: '1' }],
    ['a/{x}', '/a/b%20c', { x: 'b c' }],
    ['a/{x}', '/a/b%2Fc', { x: 'b%2Fc' }],
    ['a/{x}', '/a/100%', { x: '100%' }],
    ['a/{x?}', '/a', {}],
    ['a/{x?}', '/a/1', { x: '1' }],
    ['a/{x=5}', '/a', { x: '5' }],
    ['a/{x:int=5}', '/a/7', { x: '7' }],
    ['a/{x:int?}', '/a', {}],
    ['a/{*rest}', '/a', {}],
    ['a/{*rest}', '/a/b/c', { rest: 'b/c' }],
    ['a/{**rest}', '/a/b/c', { rest: 'b/c' }],
    ['openapi.json', '/openapi.json', {}],
    ['files/{name}.{extension?}', '/files/report', { name: 'report' }],
    ['files/{name}.{extension?}', '/files/report.csv', { name: 'report', extension: 'csv' }],
    ['{from}-{to}', '/1-2', { from: '1', to: '2' }],
    ['a/{x:int}', '/a/-12', { x: '-12' }],
    ['a/{x:long:min(5)}', '/a/5', { x: '5' }],
    ['a/{x:guid}', `/a/${GUID}`, { x: GUID }],
    ['a/{x:length(2,3)}', '/a/abc', { x: 'abc' }],
    ['a/{x:regex(^\\d{{2}}$)}', '/a/12', { x: '12' }],
    ['a/{x:regex(^[a-z/]+$)}', '/a/b', { x: 'b' }],
    ['a/{x:range(1,10)}/b', '/a/10/b', { x: '10' }],
    ['a/{x:bool}', '/a/True', { x: 'True' }],
    ['a/{x:datetime}', '/a/2026-11-20', { x: '2026-11-20' }],
    ['a/{x:alpha}', '/a/abc', { x: 'abc' }],
  ];
  for (const [template, path, params] of matches) {
    it(`"${template}" matches ${path}`, () => {
      assert.deepEqual(parseRouteTemplate(template).match(path), params);
    });
  }

  const misses: [template: string, path: string][] = [
    ['a', '/b'],
    ['a', '/a/b'],
    ['a/{x}', '/a'],
    ['a/{x}', '/a/1/2'],
    ['a/{x?}/b', '/a/b'],
    ['openapi.json', '/openapi-json'],
    ['a/{x:int}', '/a/1.5'],
    ['a/{x:int}', '/a/2147483648'],
    ['a/{x:guid}', '/a/12'],
    ['a/{x:alpha}', '/a/a1'],
    ['a/{x:regex(^\\d{{2}}$)}', '/a/123'],
    ['a/{x:range(1,10)}', '/a/11'],
    ['a/{x:maxlength(2)}', '/a/abc'],
  ];
  for (const [template, path] of misses) {
    it(`"${template}" does not match ${path}`, () => {
      assert.equal(parseRouteTemplate(template).match(path), undefined);
    });
  }

  const refused: [template: string, reason: RegExp][] = [
    ['a/{x', /Unbalanced brace/],
    ['a/{x:even}', /"even" is no route constraint/],
    ['a/{x}/{X}', /names a parameter twice/],
    ['a/{}', /is no route parameter/],
  ];
  for (const [template, reason] of refused) {
    it(`rejects "${template}"`, () => {
      assert.throws(() => parseRouteTemplate(template), reason);
    });
  }

  it('generates a matching path', () => {
    assert.equal(parseRouteTemplate('a/{x}/{id:int}').sample, '/a/sample/1');
    assert.equal(parseRouteTemplate('a/{x:regex(^zz$)}').sample, undefined);
  });
});
