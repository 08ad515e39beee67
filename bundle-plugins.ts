import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/** Code of a dependency that the bundle replaces, because it costs load time and is never used. */
export interface Replacement {
  /** Matches paths of files, or with `isModule` names of modules as they are imported. */
  filter: RegExp;
  isModule?: true;
  /** CommonJS or, for an ES module, ESM. */
  contents: string;
}

/**
 * Makes a plugin that replaces code of dependencies. A new version of a dependency may move a file: `requireMatches` then fails, so that
 * the build does not silently include what it should leave out.
 */
export function createReplacer(replacements: readonly Replacement[]) {
  const unmatched = new Set(replacements);
  const plugin: Plugin = {
    name: 'replace-dependency-code',
    setup({ onLoad, onResolve }) {
      for (const replacement of replacements) {
        const { filter, isModule, contents } = replacement;
        const namespace = `replaced ${filter.source}`;
        if (isModule) onResolve({ filter }, ({ path }) => ({ path, namespace }));
        onLoad(isModule ? { filter: /./, namespace } : { filter }, () => {
          unmatched.delete(replacement);
          return { contents };
        });
      }
    },
  };
  return {
    plugin,
    /** @throws {RangeError} when a filter has matched nothing in the builds so far. */
    requireMatches() {
      const filters = [...unmatched].map(({ filter }) => filter.source);
      if (filters.length > 0) throw new RangeError(`No code of a dependency matches ${filters.join(' and ')}`);
    },
  };
}

const plainAgent = (name: string) => `import { Agent } from 'node:https'; export class ${name} extends Agent {}`;

const idleObject = 'new Proxy({}, { get: (_, name) => (name === "then" ? undefined : async () => {}) })';
const idleClasses = ['StatsbeatManager', 'CustomerSDKStatsMetrics', 'ConfigurationManager'];

export const replacements: readonly Replacement[] = [
  // jsonwebtoken, which MSAL uses, loads semver to check for Node.js 16 or newer: 29 KB.
  ...['psSupported', 'asymmetricKeyDetailsSupported', 'rsaPssKeyDetailsSupported'].map((name) => ({
    filter: new RegExp(`jsonwebtoken[\\\\/]lib[\\\\/]${name}\\.js$`),
    contents: 'module.exports = true;',
  })),
  // The agent of shared/outbound/transport.ts handles proxies: 18 KB.
  { filter: /[\\/]https-proxy-agent[\\/]dist[\\/]index\.js$/, contents: plainAgent('HttpsProxyAgent') },
  { filter: /[\\/]http-proxy-agent[\\/]dist[\\/]index\.js$/, contents: plainAgent('HttpProxyAgent') },
  // Deleting and recovering secrets, which the app never does: 4 KB.
  ...[
    ['delete', 'DeleteSecretPoller'],
    ['recover', 'RecoverDeletedSecretPoller'],
  ].map(([operation, className]) => ({
    filter: new RegExp(`keyvault-secrets[\\\\/].*[\\\\/]lro[\\\\/]${operation}[\\\\/]poller\\.js$`),
    contents: `export class ${className} {}`,
  })),
  // Collectors and exporters of the telemetry SDK that are not used, its settings file, and telemetry about itself: more than half of
  // its load time.
  ...['@azure/monitor-opentelemetry', ...['logs', 'metrics', 'trace'].map(toOtlpExporter)].map((name) => ({
    filter: new RegExp(`^${name}$`),
    isModule: true as const,
    contents: 'module.exports = {};',
  })),
  {
    filter: /applicationinsights[\\/].*[\\/]shim-jsonConfig\.js$/,
    contents: 'exports.ShimJsonConfig = { getInstance: () => ({}) };',
  },
  ...['statsbeatManager', 'customerSDKStats', 'configurationManager'].map((name) => ({
    filter: new RegExp(`monitor-opentelemetry-exporter[\\\\/].*[\\\\/]${name}\\.js$`),
    contents: `
      const idle = ${idleObject};
      const Idle = { getInstance: () => idle };
      module.exports = { ${idleClasses.map((className) => `${className}: Idle`).join(', ')} };`,
  })),
];

function toOtlpExporter(signal: string): string {
  return `@opentelemetry/exporter-${signal}-otlp-http`;
}

/**
 * Bundles Zod's JSON Schema writer with the documents, its only user, and not with the rest of Zod, which is loaded at every cold start:
 * 21 KB.
 */
export function separateJsonSchema(root: string): Plugin {
  const separate = (file: string) => ({ path: join(root, 'node_modules/zod/v4/core', file), namespace: 'separate' });
  return {
    name: 'separate-json-schema',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^zod\/v4\/core$/ }, ({ importer }) =>
        importer.endsWith('schema-writer.ts') ? separate('json-schema-processors.js') : undefined,
      );
      onResolve({ filter: /to-json-schema\.js$/, namespace: 'separate' }, () => separate('to-json-schema.js'));
      onLoad({ filter: /./, namespace: 'separate' }, async ({ path }) => ({
        contents: await readFile(path, 'utf8'),
        resolveDir: dirname(path),
      }));
    },
  };
}

/** Leaves the import of a bundle that is built on its own as it is. */
export function separateBundles(names: readonly string[]): Plugin {
  return {
    name: 'separate-bundles',
    setup({ onResolve }) {
      for (const name of names) {
        onResolve({ filter: new RegExp(`/${name}\\.ts$`) }, ({ kind }) =>
          kind === 'dynamic-import' ? { path: `./${name}.js`, external: true } : undefined,
        );
      }
    },
  };
}

/** The app needs only the version of package.json; the rest is 1.6 KB of the initial files. */
export function onlyVersion(root: string): Plugin {
  return {
    name: 'only-version',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]package\.json$/ }, async ({ path }) => {
        if (path !== join(root, 'package.json')) return undefined;
        const { version } = JSON.parse(await readFile(path, 'utf8'));
        return { contents: JSON.stringify({ version }), loader: 'json' };
      });
    },
  };
}
