import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { Webhook } from 'standardwebhooks';
import { UpstreamError } from '../../../shared/errors.ts';
import { PrivateAddressError } from '../../../shared/outbound/guarded-lookup.ts';
import { createDeliver } from '../../../shared/webhooks/deliver.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeHttpClient, type ScriptedStep } from '../fake-http-client.ts';

const target = {
  callbackUrl: 'https://prod-01.westeurope.logic.azure.com/workflows/1?sig=very-secret',
  signingSecret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
};

function createScene(script: ScriptedStep[], allowed = ['*.logic.azure.com']) {
  const httpClient = createFakeHttpClient(...script);
  const clock = createFakeClock();
  const deliver = createDeliver(httpClient, clock, allowed);
  return { httpClient, clock, attempt: () => clock.runUntil(deliver(target, 'msg_1', '{"a":"ü"}')) };
}

async function fail(reply: ScriptedStep) {
  const outcome = await createScene([reply]).attempt();
  assert.ok(outcome.kind === 'failed');
  return outcome;
}

describe('an attempt', () => {
  it('sends a message that is signed when it is made', async () => {
    const { attempt, httpClient, clock } = createScene([{ status: 204 }]);
    assert.deepEqual(await attempt(), { kind: 'delivered' });
    const [request] = httpClient.requests;
    assert.ok(request);
    const { method, url, headers, body = '' } = request;
    assert.deepEqual([method, url.href, body], ['POST', target.callbackUrl, '{"a":"ü"}']);
    assert.equal(headers['webhook-id'], 'msg_1');
    assert.equal(headers['webhook-timestamp'], String(Math.floor(clock.now() / 1000)));
    const expected = new Webhook(target.signingSecret).sign('msg_1', new Date(clock.now()), body);
    assert.equal(headers['webhook-signature'], expected);
  });

  it('signs and sends a large body in pieces', async () => {
    const pieces = ['{"a":"', 'ü', '"}'].map((piece) => Buffer.from(piece));
    const sent: Buffer[] = [];
    const httpClient: HttpClient = {
      async sendRequest(request) {
        const { body, headers } = request;
        assert.ok(body instanceof Readable);
        for await (const piece of body) sent.push(piece);
        const text = Buffer.concat(sent).toString();
        assert.equal(headers.get('content-length'), String(Buffer.byteLength(text)));
        assert.equal(headers.get('webhook-signature'), new Webhook(target.signingSecret).sign('msg_1', at, text));
        return { request, status: 204, headers: createHttpHeaders() };
      },
    };
    const clock = createFakeClock();
    const at = new Date(clock.now());
    const deliver = createDeliver(httpClient, clock, ['*.logic.azure.com']);
    const body = { read: () => Readable.from(pieces) };
    assert.deepEqual(await deliver(target, 'msg_1', body), { kind: 'delivered' });
    assert.deepEqual(sent, pieces);
  });

  it('fails as the storage does when a large body cannot be read', async () => {
    const down = new UpstreamError('No.', { service: 'storage', failure: 'connection' });
    let reads = 0;
    async function* read() {
      yield Buffer.from('{');
      if (++reads === 2) throw down;
    }
    const httpClient: HttpClient = {
      sendRequest({ body }) {
        if (body instanceof Readable) body.resume();
        return new Promise(() => {});
      },
    };
    const deliver = createDeliver(httpClient, createFakeClock(), ['*.logic.azure.com']);
    await assert.rejects(deliver(target, 'msg_1', { read: () => read() }), down);
  });

  for (const [status, kind] of [
    [200, 'delivered'],
    [299, 'delivered'],
    [410, 'gone'],
    [302, 'failed'],
    [400, 'failed'],
    [429, 'failed'],
    [503, 'failed'],
  ] as const)
    it(`counts status ${status} as ${kind}, and does not follow it`, async () => {
      const { attempt, httpClient } = createScene([{ status, headers: { location: 'https://x.logic.azure.com/' } }]);
      assert.equal((await attempt()).kind, kind);
      assert.equal(httpClient.requests.length, 1);
    });

  for (const [what, script, expected, code] of [
    ['no response in time', 'silence', /within 15 seconds/, 'timeout'],
    ['a broken connection', { broken: 'ECONNRESET' }, /could not be reached \(ECONNRESET\)/, 'ECONNRESET'],
  ] as const)
    it(`reports ${what} without the URL`, async () => {
      const outcome = await fail(script);
      assert.equal(outcome.failure.code, code);
      assert.match(outcome.failure.detail, expected);
      assert.equal(outcome.failure.status, undefined);
      assert.doesNotMatch(JSON.stringify(outcome), /very-secret|logic\.azure/);
    });

  it('reports a host that resolves to a private address', async () => {
    const sendRequest = () => Promise.reject(new Error('x', { cause: new PrivateAddressError() }));
    const deliver = createDeliver({ sendRequest }, createFakeClock(), ['*.logic.azure.com']);
    const outcome = await deliver(target, 'msg_1', '{}');
    assert.ok(outcome.kind === 'failed');
    assert.match(outcome.failure.detail, /not public/);
  });

  it('sends nothing to a host that is not allowed any more', async () => {
    const { attempt, httpClient } = createScene([], ['hooks.contoso.com']);
    const outcome = await attempt();
    assert.ok(outcome.kind === 'failed');
    assert.match(outcome.failure.detail, /CALLBACK_HOSTS/);
    assert.deepEqual(httpClient.requests, []);
  });
});

describe('Retry-After of a receiver', () => {
  for (const [value, expected] of [
    ['120', 120_000],
    ['86400', 3_600_000],
    ['-43', undefined],
    ['soon', undefined],
    ['0', undefined],
    ['1e9', undefined],
  ] as const)
    it(`${value} asks for ${expected === undefined ? 'no pause' : `a pause of ${expected / 1000} s`}`, async () => {
      const { retryAfterMs, pausedForMs } = await fail({ status: 429, headers: { 'retry-after': value } });
      assert.deepEqual([retryAfterMs, pausedForMs], [expected, expected]);
    });

  it('concerns only this delivery unless the status is 429 or 503', async () => {
    const { retryAfterMs, pausedForMs } = await fail({ status: 500, headers: { 'retry-after': '120' } });
    assert.deepEqual([retryAfterMs, pausedForMs], [120_000, undefined]);
  });
});

describe('the connection to a receiver', () => {
  async function respond() {
    const body = new PassThrough();
    const clock = createFakeClock();
    const httpClient: HttpClient = {
      sendRequest: async (request) => ({
        request,
        status: 200,
        headers: createHttpHeaders(),
        readableStreamBody: body,
      }),
    };
    const outcome = await createDeliver(httpClient, clock, ['*.logic.azure.com'])(target, 'msg_1', '{}');
    assert.deepEqual(outcome, { kind: 'delivered' });
    return { body, clock };
  }

  it('is kept when the response body is short', async () => {
    const { body, clock } = await respond();
    body.end('accepted');
    await clock.advance(1);
    assert.ok(body.readableEnded);
    assert.deepEqual(clock.pendingMs(), []);
  });

  it('is closed when the response body does not come within 5 seconds', async () => {
    const { body, clock } = await respond();
    await clock.advance(4_999);
    assert.equal(body.destroyed, false);
    await clock.advance(1);
    assert.ok(body.destroyed);
  });

  it('is closed when the response body drips for 5 seconds', async () => {
    const { body, clock } = await respond();
    for (let second = 0; second < 5; second++) {
      body.write('x');
      await clock.advance(1_000);
    }
    assert.ok(body.destroyed);
  });

  it('is closed when the response body has more than 64 KB', async () => {
    const { body, clock } = await respond();
    for (let count = 0; count < 3; count++) body.write('x'.repeat(30_000));
    await clock.advance(1);
    assert.ok(body.destroyed);
  });
});
