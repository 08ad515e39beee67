import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { assertStatus } from '../app/replies.ts';
import { type BrowserPage, browserPath, openPage } from './browser.ts';
import { useApp } from './harness.ts';

const { call, cloud, host } = await useApp();
const address = `${host.url}/api/docs`;

describe('GET /docs', () => {
  it('returns an HTML page without a key', async () => {
    const reply = await call('GET /docs', { withKey: false });
    assertStatus(reply, 200);
    assert.equal(reply.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(reply.text, /^<!doctype html>/);
  });
});

const skip = browserPath === undefined && 'chromium is not installed: apt-get install chromium';

describe('the docs page in a browser', { skip }, async () => {
  if (browserPath === undefined) return;
  const page = await openPage(browserPath, address, 400);
  after(() => page[Symbol.asyncDispose]());

  it('loads nothing from elsewhere and violates no rule of its policy', () => {
    assert.deepEqual(
      page.requests.map(({ url }) => url).filter((url) => !url.startsWith(host.url)),
      [],
    );
    assert.deepEqual(page.complaints, []);
  });

  it('fits the width of a phone', async () => {
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 400);
  });

  it('has a label for every field', async () => {
    const unlabeled = '[...document.querySelectorAll("input, select, textarea")].filter((each) => !each.labels.length)';
    assert.equal(await page.evaluate(`${unlabeled}.length`), 0);
  });

  it('shows a 401 reply', async () => {
    assert.match(await tryOut(page, 'listIncidents', {}), /^401 /);
  });

  it('sends the key in a header, never in a URL', async () => {
    await page.evaluate(`document.getElementById('key').value = ${JSON.stringify(host.keys.function)}`);
    const shown = await tryOut(page, 'listIncidents', { status: 'Active', top: '2' });
    assert.match(shown, /^200 /);
    assert.match(shown, /x-ms-request-id: /);
    assert.equal(shown.match(/^ {4}\{$/gm)?.length, 2);
    const sent = page.requests.at(-1);
    assert.equal(sent?.url, `${host.url}/api/incidents?status=Active&top=2`);
    assert.equal(sent?.headers['x-functions-key'], host.keys.function);
    assert.ok(
      !(await page.evaluate('location.href + document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })'))
        ?.toString()
        .includes(host.keys.function),
    );
  });

  it('escapes path parameters', async () => {
    assert.match(await tryOut(page, 'getAlert', { alertId: 'a/b?c' }), /^400 .*must be an alert id/s);
    assert.equal(page.requests.at(-1)?.url, `${host.url}/api/alerts/a%2Fb%3Fc`);
  });

  it('sends a body', async () => {
    const shown = await tryOut(page, 'runHuntingQuery', { body: '{"query":"DeviceInfo | take 1"}' });
    assert.match(shown, /^200 .*"results": \[/s);
  });

  it('calls as a user with the user token', async () => {
    const [user] = cloud.world.home.users;
    assert.ok(user);
    const token = await cloud.signIn(user);
    await page.evaluate(`document.getElementById('token').value = ${JSON.stringify(token)}`);
    assert.match(await tryOut(page, 'listIncidents', { status: '', top: '1' }), /^200 /);
    assert.equal(page.requests.at(-1)?.headers.authorization, `Bearer ${token}`);
    await page.evaluate(`document.getElementById('token').value = 'x'`);
    assert.match(await tryOut(page, 'listIncidents', { top: '1' }), /^401 .*InvalidUserToken/s);
  });

  it('sends neither key nor token to anonymous operations', async () => {
    assert.match(await tryOut(page, 'ping', {}), /^200 .*"status": "ok"/s);
    const { headers } = page.requests.at(-1) ?? {};
    assert.deepEqual([headers?.['x-functions-key'], headers?.authorization], [undefined, undefined]);
  });
});

/** Fills in the form of an operation, sends it and returns the displayed reply. */
async function tryOut(page: BrowserPage, operation: string, values: Record<string, string>): Promise<string> {
  const shown = await page.evaluate(`(async () => {
    const section = document.getElementById('${operation}');
    section.querySelector('details').open = true;
    for (const [name, value] of Object.entries(${JSON.stringify(values)})) {
      document.getElementById('${operation}-' + name).value = value;
    }
    const reply = section.querySelector('.reply');
    const { promise, resolve } = Promise.withResolvers();
    const observer = new MutationObserver(() => reply.textContent.startsWith('Waiting') || resolve());
    observer.observe(reply, { childList: true });
    section.querySelector('button').click();
    await promise;
    return [...reply.children].map((each) => each.textContent).join('\\n');
  })()`);
  return String(shown);
}
