import { dirname, join, normalize } from 'node:path';

/** Markdown files by path. */
export type Pages = Readonly<Record<string, string>>;

/** The rows, cell by cell, of the first table with this title in its first column. */
export function tableOf(markdown: string, firstColumn: string): string[][] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${firstColumn} |`));
  if (start < 0) return [];
  const rows = lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end < 0 ? undefined : end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The `curl` calls to the app in fenced code, as `METHOD /path`, that match none of these routes (`METHOD /template`). */
export function findUnknownCalls(markdown: string, routes: readonly string[]): string[] {
  const patterns = routes.map((route) => new RegExp(`^${route.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`));
  return callsOf(markdown).filter((call) => !patterns.some((pattern) => pattern.test(call)));
}

function callsOf(markdown: string): string[] {
  const fences = [...markdown.matchAll(/^ *```\w*\n(.*?)^ *```$/gms)].map(([, text = '']) => text);
  const commands = fences.flatMap((text) => text.replaceAll('\\\n', ' ').match(/^ *curl .*$/gm) ?? []);
  return commands.flatMap((command) => {
    const path = /https?:\/\/[^/\s'"]+(\/(?:api|admin)\/[^?\s'"]*)/.exec(command)?.[1];
    const method = /\s-X (\w+)/.exec(command)?.[1] ?? (/\s-d /.test(command) ? 'POST' : 'GET');
    return path === undefined ? [] : [`${method} ${path}`];
  });
}

/** The npm scripts that a text says to run. */
export function scriptsOf(markdown: string): string[] {
  return [...markdown.matchAll(/\bnpm (?:run ([\w:]+)|(start|test)\b)/g)].flatMap(
    ([, run, short]) => run ?? short ?? [],
  );
}

/** Links to files or headings that do not exist, as `page: link`. */
export function findBrokenLinks(pages: Pages, exists: (path: string) => boolean): string[] {
  return Object.entries(pages).flatMap(([path, text]) =>
    [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].flatMap(([, link = '']) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : normalize(join(dirname(path), file));
      const isKnown = exists(target) && (anchor === undefined || anchorsOf(pages[target] ?? '').has(anchor));
      return isKnown ? [] : [`${path}: ${link}`];
    }),
  );
}

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(markdown: string): Set<string> {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Code of the repository that a page names in backticks, such as `shared/lazy.ts`. */
export const sourcePathsOf = (markdown: string): string[] =>
  [...markdown.matchAll(/`((?:functions|shared|test|docs|examples)\/[\w./-]*\w)`/g)].flatMap(([, path]) => path ?? []);
