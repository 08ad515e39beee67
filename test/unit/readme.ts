/** The rows, cell by cell, of the table whose first column has this title. */
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

/** The `curl` calls of the app in fenced code, as `METHOD /path`, that none of these routes (`METHOD /template`) takes. */
export function findUnknownCalls(markdown: string, routes: readonly string[]): string[] {
  const patterns = routes.map((route) => new RegExp(`^${route.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`));
  return callsOf(markdown).filter((call) => !patterns.some((pattern) => pattern.test(call)));
}

function callsOf(markdown: string): string[] {
  const fences = [...markdown.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, text = '']) => text);
  const commands = fences.flatMap((text) => text.replaceAll('\\\n', ' ').match(/^curl .*$/gm) ?? []);
  return commands.map((command) => {
    const path = /https?:\/\/[^/\s'"]+([^?\s'"]*)/.exec(command)?.[1] ?? '';
    const method = /\s-X (\w+)/.exec(command)?.[1] ?? (/\s-d /.test(command) ? 'POST' : 'GET');
    return `${method} ${path}`;
  });
}

/** The npm scripts that a text says to run. */
export function scriptsOf(markdown: string): string[] {
  return [...markdown.matchAll(/\bnpm (?:run (\w+)|(start|test)\b)/g)].flatMap(([, run, short]) => run ?? short ?? []);
}

/** The files of the repository that a text links to. */
export function linksOf(markdown: string): string[] {
  return [...markdown.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].flatMap(([, path]) => path ?? []);
}
