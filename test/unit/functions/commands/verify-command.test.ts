import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { verifyCommand } from '../../../../functions/commands/verify-command.ts';
import { createFakeClock } from '../../fake-clock.ts';

const newSecret = (bytes = 32) => `whsec_${randomBytes(bytes).toString('base64')}`;
const secret = newSecret();
const text = '{"type":"incident.update","data":{"comment":"café"}}';
const invalid = { status: 401, code: 'InvalidSignature' };

/** Headers of a message that the reference implementation has signed. */
function sign(at: Date, { by = secret, body = text, id = 'msg_1' } = {}): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': new Webhook(by).sign(id, at, body),
  };
}

function createScene({ stored = secret, newer = undefined as string | undefined } = {}) {
  const clock = createFakeClock();
  const reads: string[] = [];
  const webhookSecret = {
    async get() {
      reads.push('get');
      return stored;
    },
    async getAnew() {
      reads.push('getAnew');
      return newer;
    },
  };
  const verify = (headers: Record<string, string>, body: string | Buffer = text) =>
    verifyCommand(Buffer.from(body), new Headers(headers), { secret: webhookSecret, now: clock.now() });
  const at = (secondsAgo = 0) => new Date(clock.now() - secondsAgo * 1000);
  return { verify, at, reads };
}

describe('verifyCommand', () => {
  it('accepts a signed message within five minutes', async () => {
    const { verify, at } = createScene();
    for (const secondsAgo of [0, 299, -299]) await verify(sign(at(secondsAgo)));
  });

  it('throws 401 for a timestamp more than five minutes off, without reading the secret', async () => {
    const { verify, at, reads } = createScene();
    for (const secondsAgo of [301, -301]) await assert.rejects(verify(sign(at(secondsAgo))), invalid);
    assert.deepEqual(reads, []);
  });

  it('throws 401 for a missing or malformed header, without reading the secret', async () => {
    const { verify, at, reads } = createScene();
    const signed = sign(at());
    for (const changes of [
      { 'webhook-id': '' },
      { 'webhook-timestamp': '' },
      { 'webhook-timestamp': 'now' },
      { 'webhook-timestamp': '1e12' },
      { 'webhook-signature': '' },
    ]) {
      await assert.rejects(verify({ ...signed, ...changes }), invalid);
    }
    assert.deepEqual(reads, []);
  });

  it('throws 401 for another body, id, timestamp, secret or version', async () => {
    const { verify, at } = createScene();
    const signed = sign(at());
    await assert.rejects(verify(signed, `${text} `), invalid);
    await assert.rejects(verify({ ...signed, 'webhook-id': 'msg_2' }), invalid);
    await assert.rejects(verify({ ...signed, 'webhook-timestamp': sign(at(1))['webhook-timestamp'] ?? '' }), invalid);
    await assert.rejects(verify(sign(at(), { by: newSecret() })), invalid);
    for (const signature of [signed['webhook-signature']?.replace('v1,', 'v2,'), 'v1,', 'v1', 'v1,AAAA', ',']) {
      await assert.rejects(verify({ ...signed, 'webhook-signature': signature ?? '' }), invalid);
    }
  });

  it('verifies the bytes as sent, a BOM included', async () => {
    const { verify, at } = createScene();
    const body = `\uFEFF${text}`;
    await verify(sign(at(), { body }), body);
    await assert.rejects(verify(sign(at(), { body }), text), invalid);
  });

  it('accepts any of several signatures', async () => {
    const { verify, at } = createScene();
    const signatures = [sign(at(), { by: newSecret() }), sign(at())].map((each) => each['webhook-signature']);
    await verify({ ...sign(at()), 'webhook-signature': signatures.join(' ') });
  });

  it('reads a rotated secret again', async () => {
    const newer = newSecret();
    const { verify, at, reads } = createScene({ newer });
    await verify(sign(at(), { by: newer }));
    assert.deepEqual(reads, ['get', 'getAnew']);
  });

  it('accepts secrets of 24 to 64 bytes only', async () => {
    for (const bytes of [24, 32, 64]) {
      const stored = newSecret(bytes);
      const { verify, at } = createScene({ stored });
      await verify(sign(at(), { by: stored }));
    }
    for (const stored of [
      newSecret(1),
      newSecret(23),
      newSecret(65),
      'whsec_',
      '',
      'not base64 at all, and long enough',
    ]) {
      const { verify, at } = createScene({ stored });
      await assert.rejects(verify(sign(at())), (error: Error) => {
        assert.equal(error.name, 'UpstreamError');
        assert.ok(stored === '' || !error.message.includes(stored));
        return true;
      });
    }
  });

  it('throws 404 if the app accepts no commands', async () => {
    const options = { secret: undefined, now: 0 };
    await assert.rejects(verifyCommand(Buffer.from(text), new Headers(), options), { status: 404, code: 'NotFound' });
  });
});
