import { it } from 'node:test';
import { runTorture } from '../torture/torture.ts';

it('two instances lose nothing in hours of failures', async (t) => {
  const figures = await runTorture({ rounds: 4, seed: 'short', knownIncidents: 50, burst: 60 });
  t.diagnostic(JSON.stringify(figures));
});
