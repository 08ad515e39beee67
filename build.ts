import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { joinChunks } from './join-chunks.ts';

const root = import.meta.dirname;

/** Where the deployable app goes. */
export const outputDirectory = join(root, 'dist');

/**
 * Three files of jsonwebtoken, which MSAL brings along, load all of semver to ask whether Node is newer than version 16. It is, and
 * the question costs 29 KB at every cold start.
 */
const answerNodeVersionQuestions: Plugin = {
  name: 'answer-node-version-questions',
  setup({ onLoad }) {
    const filter =
      /jsonwebtoken[\\/]lib[\\/](psSupported|asymmetricKeyDetailsSupported|rsaPssKeyDetailsSupported)\.js$/;
    onLoad({ filter }, () => ({ contents: 'module.exports = true;' }));
  },
};

/**
 * The Azure SDKs bring agents for proxies. Every request goes through our own client, whose agent knows of proxies and replaces theirs:
 * 18 KB that nobody calls. Whoever is made instead is Node's plain agent.
 */
const leaveOutProxyAgents: Plugin = {
  name: 'leave-out-proxy-agents',
  setup({ onLoad }) {
    const stand = (name: string) => `import { Agent } from 'node:https'; export class ${name} extends Agent {}`;
    onLoad({ filter: /[\\/]https-proxy-agent[\\/]dist[\\/]index\.js$/ }, () => ({
      contents: stand('HttpsProxyAgent'),
    }));
    onLoad({ filter: /[\\/]http-proxy-agent[\\/]dist[\\/]index\.js$/ }, () => ({ contents: stand('HttpProxyAgent') }));
  },
};

/**
 * Only the documents need Zod's two files that write JSON Schema. esbuild would bundle them with the rest of Zod, for everybody: 21 KB at
 * every cold start. As modules of their own they go where they are used.
 */
const keepJsonSchemaApart: Plugin = {
  name: 'keep-json-schema-apart',
  setup({ onResolve, onLoad }) {
    const apart = (file: string) => ({ path: join(root, 'node_modules/zod/v4/core', file), namespace: 'apart' });
    onResolve({ filter: /^zod\/v4\/core$/ }, ({ importer }) =>
      importer.endsWith('schema-writer.ts') ? apart('json-schema-processors.js') : undefined,
    );
    onResolve({ filter: /to-json-schema\.js$/, namespace: 'apart' }, () => apart('to-json-schema.js'));
    onLoad({ filter: /./, namespace: 'apart' }, async ({ path }) => ({
      contents: await readFile(path, 'utf8'),
      resolveDir: dirname(path),
    }));
  },
};

/**
 * SDKs that most calls never need, by the file that imports them. Split off from the app they would leave behind, in what everybody loads,
 * whatever of their own foundations they use and nobody else does: 40 KB for the tables. So each is a bundle of its own.
 */
const ownBundles: Record<string, string> = {
  'tables-sdk': 'shared/storage/tables-sdk.ts',
  'queue-sdk': 'shared/storage/queue-sdk.ts',
  'blob-sdk': 'shared/storage/blob-sdk.ts',
};

const keepSdksApart: Plugin = {
  name: 'keep-sdks-apart',
  setup({ onResolve }) {
    for (const name of Object.keys(ownBundles)) {
      onResolve({ filter: new RegExp(`/${name}\\.ts$`) }, ({ kind }) =>
        kind === 'dynamic-import' ? { path: `./${name}.js`, external: true } : undefined,
      );
    }
  },
};

/**
 * The telemetry SDK comes with collectors, exporters for other systems, statistics about itself, settings that it fetches from Microsoft
 * and a settings file. We send what we mean to send: the rest is left out, and with it more than half of the load time.
 */
const leaveOutCollectors: Plugin = {
  name: 'leave-out-collectors',
  setup({ onLoad, onResolve }) {
    const packages = /^(@azure\/monitor-opentelemetry|@opentelemetry\/exporter-(logs|metrics|trace)-otlp-http)$/;
    onResolve({ filter: packages }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: /./, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));

    const settingsFile = /applicationinsights[\\/].*[\\/]shim-jsonConfig\.js$/;
    onLoad({ filter: settingsFile }, () => ({
      contents: 'exports.ShimJsonConfig = { getInstance: () => ({}) };',
    }));

    const ownTraffic =
      /monitor-opentelemetry-exporter[\\/].*[\\/](statsbeatManager|customerSDKStats|configurationManager)\.js$/;
    onLoad({ filter: ownTraffic }, () => ({
      contents: `
        const idle = new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : async () => {}) });
        const Idle = { getInstance: () => idle };
        module.exports = { StatsbeatManager: Idle, CustomerSDKStatsMetrics: Idle, ConfigurationManager: Idle };`,
    }));
  },
};

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
  plugins: [answerNodeVersionQuestions, leaveOutProxyAgents, keepJsonSchemaApart, keepSdksApart, leaveOutCollectors],
  mainFields: ['module', 'main'],
  // Not a package: the Functions worker answers this name itself.
  external: ['@azure/functions-core'],
  // CommonJS packages in the bundle, @azure/functions among them, call require, which ES modules lack.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'silent',
};

/**
 * Bundles the app into dist/, which then holds all that is deployed.
 * @throws {import('esbuild').BuildFailure} when the sources do not compile.
 */
export async function buildApp(): Promise<Metafile> {
  await rm(outputDirectory, { recursive: true, force: true });
  const { metafile } = await build(bundleOptions);
  const entryPoints = Object.entries(ownBundles).map(([name, source]) => [`chunks/${name}`, join(root, source)]);
  await build({ ...bundleOptions, entryPoints: Object.fromEntries(entryPoints), splitting: false });
  await mkdir(outputDirectory, { recursive: true });
  await copyFile(join(root, 'host.json'), join(outputDirectory, 'host.json'));
  await writeFile(join(outputDirectory, 'package.json'), await deployedManifest());
  if (metafile === undefined) throw new TypeError('esbuild was asked for a metafile');
  return await joinChunks('dist/app.js', metafile, bundleOptions);
}

/** Everything is in the bundle: the host needs to know no more than where it starts. */
async function deployedManifest(): Promise<string> {
  const { name, version, license, type, engines } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return `${JSON.stringify({ name, version, license, type, main: 'app.js', engines }, undefined, 2)}\n`;
}

/** The files that are loaded before the first answer that needs a token, with their sizes in bytes. */
export function initialFiles({ outputs }: Metafile): Map<string, number> {
  const sizes = new Map<string, number>();
  const visit = (path: string) => {
    const output = outputs[path];
    if (output === undefined || sizes.has(path)) return;
    sizes.set(path, output.bytes);
    for (const { path: imported, kind } of output.imports) if (kind === 'import-statement') visit(imported);
  };
  for (const [path, { entryPoint }] of Object.entries(outputs)) {
    if (entryPoint === 'functions/app.ts' || entryPoint === 'shared/tokens/identity-sdk.ts') visit(path);
  }
  return sizes;
}

/** What a cold start may load before the first answer. What few calls need can be loaded with the first of them: `await import()`. */
const maxBytes = 600_000;

if (import.meta.main) {
  const files = initialFiles(await buildApp());
  const bytes = [...files.values()].reduce((sum, size) => sum + size, 0);
  console.log(`dist/ is ready; ${Math.round(bytes / 1000)} KB are loaded before the first answer.`);
  if (bytes > maxBytes) throw new RangeError(`That is too much: ${maxBytes / 1000} KB are the budget.`);
}
