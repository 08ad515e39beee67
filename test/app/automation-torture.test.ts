import { it } from 'node:test';
import { runTorture } from '../torture/torture.ts';

it('two instances lose nothing in hours of failures', { timeout: 300_000 }, async (t) => {
  const figures = await runTorture({ rounds: 3, seed: 'short', knownIncidents: 50, burst: 60 });
  t.diagnostic(JSON.stringify(figures));
});
