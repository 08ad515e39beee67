import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, relative, resolve } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

/**
 * Puts the chunks that an entry point loads at once into its own file: esbuild makes a chunk for each set of parts that share something,
 * thirty of them here, and each is a file to be found and read at every cold start. What else imports such a chunk finds in its place a
 * module that passes on what is now in the entry point, so that everything still exists once.
 */
export async function joinChunks(entry: string, metafile: Metafile, options: BuildOptions): Promise<Metafile> {
  const { outputs } = metafile;
  const joined = [...findStatic(entry, outputs)].filter((path) => path !== entry);
  const exportsOf = (path: string) => outputs[path]?.exports ?? [];
  const nameIn = (path: string, name: string) => `chunk${joined.indexOf(path)}_${name}`;

  const publish = joined.map((path) => {
    const names = exportsOf(path).map((name) => `${name} as ${nameIn(path, name)}`);
    return `export { ${names} } from './${relative(dirname(entry), path)}';`;
  });
  const made = await bundleInto(entry, publish, options);

  const others = Object.entries(outputs).filter(([path]) => path !== entry && !joined.includes(path));
  const needed = new Set(others.flatMap(([, { imports }]) => imports.map(({ path }) => path)));
  const result: Metafile['outputs'] = {
    ...outputs,
    [entry]: { ...outputs[entry], ...made, entryPoint: outputs[entry]?.entryPoint ?? '' },
  };
  for (const path of joined) {
    delete result[path];
    if (!needed.has(path)) {
      await rm(path);
      continue;
    }
    const names = exportsOf(path).map((name) => `${nameIn(path, name)} as ${name}`);
    const text = `export{${names}}from"${relative(dirname(path), entry)}";\n`;
    await writeFile(path, text);
    result[path] = {
      bytes: text.length,
      inputs: {},
      imports: [{ path: entry, kind: 'import-statement' }],
      exports: exportsOf(path),
    };
  }
  return { ...metafile, outputs: result };
}

/** Makes one file of an entry point and what it loads at once, with more to export. */
async function bundleInto(entry: string, publish: readonly string[], options: BuildOptions) {
  const directory = dirname(resolve(entry));
  const { metafile, outputFiles: [file] = [] } = await build({
    ...options,
    stdin: { contents: [`import './${basename(entry)}';`, ...publish].join('\n'), resolveDir: directory },
    entryPoints: [],
    outdir: dirname(entry),
    splitting: false,
    write: false,
    // They stand in a file beside it already.
    legalComments: 'inline',
    plugins: [keepDynamicImports(directory), takeBannersOff(options.banner?.js ?? '')],
  });
  const [made] = Object.values(metafile?.outputs ?? {});
  if (file === undefined || made === undefined) throw new TypeError('esbuild has made nothing');
  await writeFile(entry, file.contents);
  return made;
}

/** What is loaded with an output, itself among it. */
function findStatic(path: string, outputs: Metafile['outputs'], found = new Set<string>()): Set<string> {
  const output = outputs[path];
  if (output === undefined || found.has(path)) return found;
  found.add(path);
  for (const { path: imported, kind } of output.imports) {
    if (kind === 'import-statement') findStatic(imported, outputs, found);
  }
  return found;
}

const keepDynamicImports = (directory: string): Plugin => ({
  name: 'keep-dynamic-imports',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, kind, resolveDir }) =>
      kind === 'dynamic-import'
        ? { path: `./${relative(directory, resolve(resolveDir, path))}`, external: true }
        : undefined,
    );
  },
});

/** Each chunk has its own, and one will do. */
const takeBannersOff = (banner: string): Plugin => ({
  name: 'take-banners-off',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, async ({ path }) => ({ contents: (await readFile(path, 'utf8')).replace(banner, '') }));
  },
});
