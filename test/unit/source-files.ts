import { globSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/** One import or re-export of a file, static or dynamic. */
export interface Import {
  /** The file that is imported, from the root of the repository, or the bare specifier. */
  target: string;
  /** Whether nothing of it is left when the types are stripped. */
  isTypeOnly: boolean;
}

/** Path from the root of the repository, with slashes → text. */
export type Sources = Readonly<Record<string, string>>;

const root = resolve(import.meta.dirname, '../..');

export function readSources(): Sources {
  const paths = globSync('{functions,shared}/**/*.ts', { cwd: root });
  return Object.fromEntries(paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8')]));
}

const comments = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;
const staticImport = /^\s*(?:import|export)\s+(type\s+)?(?:[\w$*\s{},]*?\sfrom\s*)?['"]([^'"\n]+)['"]/gm;
const dynamicImport = /\bimport\s*\(\s*['"]([^'"\n]+)['"]/g;

/** The source text without comments. */
export const withoutComments = (text: string): string => text.replaceAll(comments, '');

export function importsOf(path: string, text: string): Import[] {
  const code = withoutComments(text);
  const statics = [...code.matchAll(staticImport)].map(([, type, specifier = '']) => ({
    target: toTarget(path, specifier),
    isTypeOnly: type !== undefined,
  }));
  const dynamics = [...code.matchAll(dynamicImport)].map(([, specifier = '']) => ({
    target: toTarget(path, specifier),
    isTypeOnly: false,
  }));
  return [...statics, ...dynamics];
}

function toTarget(path: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return relative(root, resolve(root, path, '..', specifier)).replaceAll('\\', '/');
}
