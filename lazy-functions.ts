import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { registrations } from './functions/registrations.ts';

/**
 * Makes the bundle load the file of a function with its first call. The declarations of all functions, most of which an instance never
 * runs, are a tenth of the initial files otherwise. What the host has to know before the first call is read from the declarations now.
 */
export function lazyFunctions(root: string): Plugin {
  return {
    name: 'lazy-functions',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]functions[\\/]registrations\.ts$/ }, async () => {
        const files = findFiles(await readFile(join(root, 'functions/surface.ts'), 'utf8'));
        const entries = Object.entries(registrations).map(([name, { load: _, ...known }]) => {
          const file = files.get(name);
          if (file === undefined) throw new RangeError(`functions/surface.ts does not import ${name}`);
          return `${name}: { ...${JSON.stringify(known)}, load: async () => (await import('${file}')).${name} }`;
        });
        return {
          contents: `export const registrations = {\n${entries.join(',\n')}\n};`,
          resolveDir: join(root, 'functions'),
        };
      });
    },
  };
}

/** The file of each function, by name. */
function findFiles(source: string): Map<string, string> {
  const imports = source.matchAll(/^import \{ (?<name>\w+) \} from '(?<file>[^']+)';$/gm);
  return new Map([...imports].map(({ groups }) => [groups?.name ?? '', groups?.file ?? '']));
}
