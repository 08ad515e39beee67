import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPublicUrl } from '../../../shared/inbound/public-url.ts';

const route = 'machines/{machineId}/actions';
const path = '/machines/7/actions';

function read(url: string, { headers = {}, publicUrl = undefined as string | undefined } = {}) {
  const { baseUrl, path: read, url: full } = readPublicUrl({ url, headers: new Headers(headers) }, route, publicUrl);
  return [baseUrl, read, full.href];
}

describe('readPublicUrl', () => {
  it("returns the request's own URL by default", () => {
    for (const origin of ['http://localhost:7071', 'https://contoso.azurewebsites.net']) {
      assert.deepEqual(read(`${origin}/api${path}?top=1`), [`${origin}/api`, path, `${origin}/api${path}?top=1`]);
    }
  });

  it('honors X-Forwarded-Proto', () => {
    for (const protocol of ['https', 'HTTPS', 'https,http', 'https, http']) {
      const headers = { 'x-forwarded-proto': protocol };
      assert.equal(read(`http://contoso.com/api${path}`, { headers })[0], 'https://contoso.com/api', protocol);
    }
    for (const protocol of ['', 'ftp', 'javascript', 'https:evil']) {
      const headers = { 'x-forwarded-proto': protocol };
      assert.equal(read(`http://contoso.com/api${path}`, { headers })[0], 'http://contoso.com/api', protocol);
    }
  });

  it('ignores X-Forwarded-Host', () => {
    const headers = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
    assert.equal(read(`https://contoso.com/api${path}`, { headers })[0], 'https://contoso.com/api');
  });

  it('takes the host of PUBLIC_URL and keeps the base path', () => {
    assert.deepEqual(read(`http://10.0.0.4/api${path}?top=1`, { publicUrl: 'https://defender.contoso.com' }), [
      'https://defender.contoso.com/api',
      path,
      `https://defender.contoso.com/api${path}?top=1`,
    ]);
  });

  it('takes a PUBLIC_URL with a path as the URL of the API', () => {
    const publicUrl = 'https://contoso.azure-api.net/soc/defender';
    assert.deepEqual(read(`http://10.0.0.4/api${path}`, { publicUrl }), [publicUrl, path, publicUrl + path]);
  });

  it('prefers PUBLIC_URL to X-Forwarded-Proto', () => {
    const headers = { 'x-forwarded-proto': 'http' };
    const [baseUrl] = read(`http://10.0.0.4/api${path}`, { headers, publicUrl: 'https://contoso.com' });
    assert.equal(baseUrl, 'https://contoso.com/api');
  });

  it('ignores a trailing slash of the request', () => {
    assert.deepEqual(read(`https://contoso.com/api${path}/`).slice(0, 2), ['https://contoso.com/api', path]);
  });
});
