import { importsOf, type Sources, withoutComments } from './source-files.ts';

const capabilities = ['incident-feed', 'webhooks', 'hunts', 'health', 'idempotency', 'callers'].map(
  (name) => `shared/${name}`,
);
const wiring = ['services', 'token-services', 'tenant-services', 'automation-services', 'platform', 'telemetry'].map(
  (name) => `shared/${name}.ts`,
);

/**
 * The folders that each folder may import from, types included. Every folder may import its own files and the root files of `shared/`
 * except the wiring; nothing else.
 */
export const allowedImports: Readonly<Record<string, readonly string[]>> = {
  'functions/*': [
    'shared/services.ts',
    'shared/inbound',
    'shared/inbound/documents',
    ...capabilities,
    ...['shared/tenants', 'shared/defender', 'shared/tokens'],
  ],
  'shared/inbound': [
    'shared/services.ts',
    'shared/idempotency',
    'shared/callers',
    'shared/tenants',
    'shared/defender',
    'shared/tokens',
  ],
  'shared/inbound/documents': ['shared/inbound'],
  'shared/services.ts': [
    ...['shared/automation-services.ts', 'shared/token-services.ts', 'shared/tenant-services.ts', 'shared/platform.ts'],
    ...capabilities,
    ...['shared/tenants', 'shared/defender', 'shared/tokens', 'shared/storage', 'shared/outbound'],
  ],
  'shared/automation-services.ts': [
    ...capabilities,
    ...['shared/tenants', 'shared/defender', 'shared/tokens', 'shared/storage', 'shared/outbound'],
  ],
  'shared/token-services.ts': ['shared/platform.ts', 'shared/tokens'],
  'shared/tenant-services.ts': ['shared/tenants', 'shared/tokens', 'shared/storage'],
  'shared/platform.ts': ['shared/outbound'],
  'shared/telemetry.ts': ['shared/telemetry', 'shared/tokens', 'shared/outbound'],
  'shared/incident-feed': [
    'shared/webhooks',
    'shared/tenants',
    'shared/defender',
    'shared/tokens',
    'shared/storage',
    'shared/outbound',
  ],
  'shared/hunts': [
    'shared/webhooks',
    'shared/tenants',
    'shared/defender',
    'shared/tokens',
    'shared/storage',
    'shared/outbound',
  ],
  'shared/webhooks': ['shared/defender', 'shared/storage', 'shared/outbound'],
  'shared/health': ['shared/tenants', 'shared/defender', 'shared/tokens', 'shared/outbound'],
  'shared/idempotency': ['shared/storage'],
  'shared/callers': ['shared/storage'],
  'shared/tenants': ['shared/tokens', 'shared/storage'],
  'shared/defender': ['shared/tokens', 'shared/outbound'],
  'shared/tokens': ['shared/outbound'],
  'shared/storage': ['shared/outbound'],
  'shared/telemetry': ['shared/outbound'],
  'shared/outbound': [],
  'shared/*.ts': [],
};

/** The files that put the app together: the entry point and the list of functions. */
const entryPoints = ['functions/app.ts', 'functions/registrations.ts', 'functions/surface.ts'];

/** The key of `allowedImports` that a file falls under; undefined for a file that has no place. */
function placeOf(path: string): string | undefined {
  if (wiring.includes(path)) return path;
  if (/^shared\/[^/]+\.ts$/.test(path)) return 'shared/*.ts';
  if (/^functions\/[a-z-]+\/[^/]+\.ts$/.test(path)) return 'functions/*';
  if (path.startsWith('shared/inbound/documents/')) return 'shared/inbound/documents';
  const [folder] = /^shared\/[^/]+(?=\/[^/]+\.ts$)/.exec(path) ?? [];
  return folder !== undefined && folder in allowedImports ? folder : undefined;
}

const isOwn = (target: string): boolean => /^(functions|shared)\//.test(target);

/** Whether two files lie in the same folder, for `functions/` in the same capability. */
const isSameFolder = (path: string, target: string): boolean =>
  placeOf(path) === placeOf(target) && (placeOf(path) !== 'functions/*' || folderOf(path) === folderOf(target));

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** Imports, of values or of types, that the list does not allow. */
export function findForbiddenImports(sources: Sources): string[] {
  const isAllowed = (path: string, target: string): boolean => {
    if (entryPoints.includes(path)) return true;
    const place = placeOf(target);
    if (place === 'shared/*.ts' || isSameFolder(path, target)) return true;
    return place !== undefined && (allowedImports[placeOf(path) ?? ''] ?? []).includes(place);
  };
  return eachImport(sources)
    .filter(({ path, target }) => isOwn(target) && !isAllowed(path, target))
    .map(({ path, target }) => `${path} → ${target}`);
}

/** Files that belong to no folder of the list, and so could import anything. */
export const findUnplaced = (sources: Sources): string[] =>
  Object.keys(sources).filter((path) => !entryPoints.includes(path) && placeOf(path) === undefined);

/** Files of the app that an import names and that do not exist: a sign that imports are misread here. */
export function findDangling(sources: Sources): string[] {
  return eachImport(sources)
    .filter(({ target }) => isOwn(target) && !(target in sources))
    .map(({ path, target }) => `${path} → ${target}`);
}

/** Import cycles, of values or of types. */
export function findCycles(sources: Sources): string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(' → '));
    if (start >= 0 || done.has(path)) return;
    for (const { target } of importsOf(path, sources[path] ?? '')) if (isOwn(target)) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of Object.keys(sources)) visit(path, []);
  return cycles;
}

const platformAccess =
  /\b(process\s*\.|Date\.now|performance\.now|new Date\(\)|Math\.random|set(Timeout|Interval|Immediate)\b|AbortSignal\.timeout|fetch\s*\()/g;

/** Uses of the clock, randomness, the environment or the network. */
export function findPlatformAccess(sources: Sources): string[] {
  return Object.entries(sources).flatMap(([path, text]) =>
    [...withoutComments(text).matchAll(platformAccess)].map(([found]) => `${path}: ${found}`),
  );
}

/** Files that import more than types of a package. */
export function findValueImporters(sources: Sources, packageName: string): string[] {
  const found = eachImport(sources).filter(({ target, isTypeOnly }) => target === packageName && !isTypeOnly);
  return [...new Set(found.map(({ path }) => path))];
}

function eachImport(sources: Sources) {
  return Object.entries(sources).flatMap(([path, text]) => importsOf(path, text).map((found) => ({ path, ...found })));
}
