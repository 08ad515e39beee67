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

/** Prints the table of the README, a row at a time: some take half a minute. */
await using scene = await openScene();
console.log('| figure | goal | measured |\n|---|---|---|');
for (const measure of measurements) {
  const { name, goal, result }: Figure = await measure(scene);
  console.log(`| ${name} | ${goal} | ${result} |`);
}
