import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { useApp } from './harness.ts';
import { assertProblem, pageOf } from './replies.ts';
import { createTestCloud } from './test-app.ts';

const cloud = createTestCloud();
cloud.administrator.putSecret('state-key', Buffer.alloc(32, 7).toString('base64'));
const plain = await useApp({ cloud });
const protectedApp = await plain.startBeside({ STATE_KEY_NAME: 'state-key' });
after(() => protectedApp.stop());

const firstLink = async ({ call }: Pick<typeof plain, 'call'>) => {
  const { nextLink } = pageOf(await call('GET /incidents?top=5'));
  return nextLink ?? assert.fail('The list has one page only');
};

describe('nextLink with STATE_KEY_NAME', () => {
  it('is signed: the same position, but not the link of an app without the key', async () => {
    const [signed, unsigned] = [await firstLink(protectedApp), await firstLink(plain)];
    assert.equal(pageOf(await protectedApp.call(`GET ${signed}`)).value.length, 5);
    assertProblem(await protectedApp.call(`GET ${unsigned}`), 400, 'InvalidRequest');
    assertProblem(await plain.call(`GET ${signed}`), 400, 'InvalidRequest');
  });

  it('works after a restart and a rotation of the key', async () => {
    const signed = await firstLink(protectedApp);
    cloud.administrator.putSecret('state-key', Buffer.alloc(32, 8).toString('base64'));
    await protectedApp.host.restart();
    assert.equal(pageOf(await protectedApp.call(`GET ${signed}`)).value.length, 5);
    assert.notEqual(await firstLink(protectedApp), signed);
  });

  it('is 400 for every changed character', async () => {
    const signed = new URL(await firstLink(protectedApp));
    const token = signed.searchParams.get('skipToken') ?? '';
    for (let at = 0; at < token.length; at += 5) {
      signed.searchParams.set('skipToken', token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1));
      assertProblem(await protectedApp.call(`GET ${signed}`), 400, 'InvalidRequest');
    }
  });
});
