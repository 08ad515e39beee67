import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleOptions } from '../../../build.ts';
import type { CreateSink } from '../../../shared/telemetry/sink.ts';

/** The telemetry SDK as it is deployed, without the parts that the build drops. */
export async function bundleSdk(): Promise<{ createSink: CreateSink; remove: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'telemetry-'));
  const entry = join(import.meta.dirname, '../../../shared/telemetry/application-insights.ts');
  await build({ ...bundleOptions, entryPoints: { sdk: entry }, outdir: directory });
  const loaded: { createApplicationInsights: CreateSink } = await import(pathToFileURL(join(directory, 'sdk.js')).href);
  return { createSink: loaded.createApplicationInsights, remove: () => rm(directory, { recursive: true }) };
}
