import { parseArgs } from 'node:util';
import { runTorture } from './torture.ts';

/** `npm run torture -- --rounds 36 --seed 7`: prints the figures, fails for the first guarantee that does not hold. */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '36' },
    seed: { type: 'string', default: '1' },
    known: { type: 'string', default: '5000' },
    burst: { type: 'string', default: '1200' },
  },
});
const startedAt = performance.now();
const figures = await runTorture({
  rounds: Number(values.rounds),
  seed: values.seed,
  knownIncidents: Number(values.known),
  burst: Number(values.burst),
});
console.log(
  `Seed ${values.seed}, ${Math.round((performance.now() - startedAt) / 1000)} s, 0 lost, 0 for a wrong tenant:`,
);
for (const [name, figure] of Object.entries(figures)) console.log(`  ${name.padEnd(24)}${figure}`);
