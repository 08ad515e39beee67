import { measureFeedPass, measureLargeHunt } from './automation-figures.ts';
import {
  countUpstreamCalls,
  type Figure,
  measureColdStart,
  measureCpu,
  measureLoadedCode,
  measureMemory,
  measureThroughput,
  measureWarmToken,
} from './figures.ts';
import { openScene } from './scene.ts';
import { measureTokenValidation } from './validation-figures.ts';

const measurements = [
  measureColdStart,
  measureLoadedCode,
  measureWarmToken,
  measureTokenValidation,
  countUpstreamCalls,
  measureCpu,
  measureThroughput,
  measureMemory,
  measureFeedPass,
  measureLargeHunt,
];

/** Prints the rows of docs/benchmarks.md. `npm run bench -- cpu` measures only the figures whose name contains the argument. */
await using scene = await openScene();
console.log('| figure | goal | measured |\n|---|---|---|');
const [, , wanted = ''] = process.argv;
for (const measure of measurements.filter(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()))) {
  const { name, goal, result }: Figure = await measure(scene);
  console.log(`| ${name} | ${goal} | ${result} |`);
}
