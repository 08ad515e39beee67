import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseStartOptions } from '../../host/start-options.ts';

describe('the arguments of npm start', () => {
  it('have defaults', () => {
    assert.deepEqual(parseStartOptions([]), {
      port: 7071,
      watch: false,
      help: false,
      faults: [],
      callers: 'key',
      credential: 'secret',
    });
  });

  it('are a port, faults, a credential, callers and whether to watch', () => {
    assert.deepEqual(
      parseStartOptions([
        '--port',
        '0',
        '--watch',
        '--fault',
        'a',
        '--fault=b',
        '--credential',
        'FEDERATED',
        '--callers=token',
      ]),
      {
        port: 0,
        watch: true,
        help: false,
        faults: ['a', 'b'],
        callers: 'token',
        credential: 'federated',
      },
    );
  });

  for (const args of [
    ['--prot', '1'],
    ['--port', 'x'],
    ['--port', '65536'],
    ['--fault'],
    ['--credential', 'x'],
    ['--callers', 'x'],
    ['now'],
  ]) {
    it(`are rejected with an explanation: ${args.join(' ')}`, () => {
      assert.throws(() => parseStartOptions(args), { name: 'UsageError' });
    });
  }
});
