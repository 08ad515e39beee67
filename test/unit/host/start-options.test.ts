import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseStartOptions } from '../../host/start-options.ts';

describe('the arguments of npm start', () => {
  it('have defaults', () => {
    assert.deepEqual(parseStartOptions([]), { port: 7071, watch: false, help: false, faults: [] });
  });

  it('are a port, faults and whether to watch', () => {
    assert.deepEqual(parseStartOptions(['--port', '0', '--watch', '--fault', 'a', '--fault=b']), {
      port: 0,
      watch: true,
      help: false,
      faults: ['a', 'b'],
    });
  });

  for (const args of [['--prot', '1'], ['--port', 'x'], ['--port', '65536'], ['--fault'], ['now']]) {
    it(`are refused in words when they are ${args.join(' ')}`, () => {
      assert.throws(() => parseStartOptions(args), { name: 'UsageError' });
    });
  }
});
