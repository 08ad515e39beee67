import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { openChannel } from '../../host/channel.ts';
import { complete } from './moved-clock.ts';

describe('a channel', () => {
  it('delivers messages and bodies as they were sent, however the bytes are cut', async () => {
    const sender = new PassThrough();
    const sent: Buffer[] = [];
    sender.on('data', (chunk) => sent.push(chunk));
    const channel = openChannel<object, object>(sender, () => {});
    channel.send({ text: 'ä' }, Buffer.from([0, 255]));
    channel.send({ text: 'no body' });
    await complete();
    const bytes = Buffer.concat(sent);
    for (const size of [1, 3, 7, bytes.length]) {
      const received: [object, number[]][] = [];
      const receiver = new PassThrough();
      openChannel<object, object>(receiver, (message, body) => received.push([message, [...body]]));
      for (let start = 0; start < bytes.length; start += size) receiver.write(bytes.subarray(start, start + size));
      await complete();
      assert.deepEqual(received, [
        [{ text: 'ä' }, [0, 255]],
        [{ text: 'no body' }, []],
      ]);
    }
  });
});
