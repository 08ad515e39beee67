import { parseArgs } from 'node:util';
import { runFuzz } from './fuzz.ts';

/** `npm run fuzz -- --count 5000 --seed 7`: prints the figures, fails for the first request that breaks a guarantee. */
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '120' },
  },
});
const figures = await runFuzz({ count: Number(values.count), seed: values.seed, maxSeconds: Number(values.seconds) });
console.log(`Seed ${values.seed}: no 5xx of the app itself, no secret in replies, log and telemetry`);
for (const [name, figure] of Object.entries(figures)) console.log(`  ${name.padEnd(24)}${figure}`);
