import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { createReplacer, onlyVersion, replacements, separateBundles, separateJsonSchema } from './bundle-plugins.ts';
import { joinChunks } from './join-chunks.ts';
import { lazyFunctions } from './lazy-functions.ts';

const root = import.meta.dirname;

/** Directory of the deployable app. */
export const outputDirectory = join(root, 'dist');

/**
 * SDKs that few calls need, by the file that imports them. Each is a bundle of its own: as chunks of the app's bundle they would leave the
 * parts that they share with it in the initial files, 40 KB for the tables.
 */
const separate: Record<string, string> = {
  'tables-sdk': 'shared/storage/tables-sdk.ts',
  'queue-sdk': 'shared/storage/queue-sdk.ts',
  'blob-sdk': 'shared/storage/blob-sdk.ts',
};

const replacer = createReplacer(replacements);

export const bundleOptions: BuildOptions = {
  entryPoints: { app: join(root, 'functions/app.ts') },
  outdir: outputDirectory,
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minify: true,
  legalComments: 'linked',
  metafile: true,
  plugins: [
    replacer.plugin,
    onlyVersion(root),
    separateJsonSchema(root),
    separateBundles(Object.keys(separate)),
    lazyFunctions(root),
  ],
  mainFields: ['module', 'main'],
  // Not a package: the Functions worker provides this module.
  external: ['@azure/functions-core'],
  // Bundled CommonJS packages call require, which ES modules lack.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'silent',
};

/**
 * Bundles the app into dist/, which then contains everything to deploy.
 * @throws {import('esbuild').BuildFailure} when the sources do not compile.
 * @throws {RangeError} when code of a dependency that the bundle should replace was not found.
 */
export async function buildApp(): Promise<Metafile> {
  await rm(outputDirectory, { recursive: true, force: true });
  const { metafile } = await build(bundleOptions);
  const entryPoints = Object.entries(separate).map(([name, source]) => [`chunks/${name}`, join(root, source)]);
  await build({ ...bundleOptions, entryPoints: Object.fromEntries(entryPoints), splitting: false });
  replacer.requireMatches();
  await mkdir(outputDirectory, { recursive: true });
  await copyFile(join(root, 'host.json'), join(outputDirectory, 'host.json'));
  await writeFile(join(outputDirectory, 'start.js'), startFile);
  await writeFile(join(outputDirectory, 'package.json'), await deployedManifest());
  if (metafile === undefined) throw new TypeError('esbuild returned no metafile');
  return await joinChunks('dist/app.js', metafile, bundleOptions);
}

/**
 * Loads the app with Node's compile cache, in a file of its own because static imports are loaded first. A process that starts again on the
 * same machine answers first after 210 ms instead of 255 ms (median of 15 paired runs). Workers are often killed, so the cache is not left
 * to the end of the process.
 */
const startFile = `import { enableCompileCache, flushCompileCache } from 'node:module';
enableCompileCache();
await import('./app.js');
setTimeout(flushCompileCache, 30_000).unref();
`;

/** The host needs only the entry point: the bundle contains the dependencies. */
async function deployedManifest(): Promise<string> {
  const { name, version, license, type, engines } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return `${JSON.stringify({ name, version, license, type, main: 'start.js', engines }, undefined, 2)}\n`;
}

/** The entry point, a function that needs a token, and what acquires it. */
const initialEntryPoints: ReadonlySet<string | undefined> = new Set([
  'functions/app.ts',
  'functions/incidents/list-incidents.ts',
  'shared/tokens/identity-sdk.ts',
]);

/** Files that are loaded before the first response that needs a token, with their sizes in bytes. */
export function initialFiles({ outputs }: Metafile): Map<string, number> {
  const sizes = new Map<string, number>();
  const visit = (path: string) => {
    const output = outputs[path];
    if (output === undefined || sizes.has(path)) return;
    sizes.set(path, output.bytes);
    for (const { path: imported, kind } of output.imports) if (kind === 'import-statement') visit(imported);
  };
  for (const [path, { entryPoint }] of Object.entries(outputs)) {
    if (initialEntryPoints.has(entryPoint)) visit(path);
  }
  return sizes;
}

/** Budget for the initial files. Code that few calls need can be loaded with the first of them: `await import()`. */
const maxBytes = 600_000;

if (import.meta.main) {
  const files = initialFiles(await buildApp());
  const bytes = [...files.values()].reduce((sum, size) => sum + size, 0);
  console.log(`dist/ is ready; ${Math.round(bytes / 1000)} KB are loaded before the first response.`);
  if (bytes > maxBytes) throw new RangeError(`The initial files exceed the budget of ${maxBytes / 1000} KB.`);
}
