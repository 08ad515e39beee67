import { importsOf, type Sources, withoutComments } from './source-files.ts';

/** From what uses to what is used. Within a layer anything goes but a cycle; upwards nothing goes. */
const layers: readonly RegExp[] = [
  /^functions\//,
  /^shared\/inbound\//,
  /^shared\/services\.ts$/,
  /^shared\/automation-services\.ts$/,
  /^shared\/telemetry(\/|\.ts$)/,
  /^shared\/automation\//,
  /^shared\/tenants\//,
  /^shared\/storage\//,
  /^shared\/defender\//,
  /^shared\/tokens\//,
  /^shared\/outbound\//,
  /^shared\/(config|clouds|errors|clock|schema|load-later|host-pattern|setting-values|storage-account|tenant-id)\.ts$/,
];

const layerOf = (path: string): number => layers.findIndex((layer) => layer.test(path));

const isOwn = (target: string): boolean => /^(functions|shared)\//.test(target);

/** Imports, of values or of types, that go up. */
export function findUpwardImports(sources: Sources): string[] {
  return eachImport(sources)
    .filter(({ path, target }) => isOwn(target) && layerOf(target) < layerOf(path))
    .map(({ path, target }) => `${path} → ${target}`);
}

/** Files that belong to no layer, and so could import anything. */
export const findHomeless = (sources: Sources): string[] => Object.keys(sources).filter((path) => layerOf(path) < 0);

/** Own files that an import names and that are not there: a sign that imports are misread here. */
export function findDangling(sources: Sources): string[] {
  return eachImport(sources)
    .filter(({ target }) => isOwn(target) && !(target in sources))
    .map(({ path, target }) => `${path} → ${target}`);
}

/** Every way back to a file through its imports, of values or of types. */
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

const world =
  /\b(process\s*\.|Date\.now|performance\.now|new Date\(\)|Math\.random|set(Timeout|Interval|Immediate)\b|AbortSignal\.timeout|fetch\s*\()/g;

/** Places at which time, chance, the environment or the network comes in. */
export function findWorld(sources: Sources): string[] {
  return Object.entries(sources).flatMap(([path, text]) =>
    [...withoutComments(text).matchAll(world)].map(([found]) => `${path}: ${found}`),
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
