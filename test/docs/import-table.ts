import { allowedImports } from '../unit/layering.ts';
import { code, table } from './markdown.ts';

/** Files with their extension, folders with a slash. */
const nameOf = (place: string): string => place.replace(/^shared\//, '').replace(/(?<!\.ts)$/, '/');

/** The import edges of test/unit/layering.ts as a table. Folders with the same edges share a row. */
export function createImportTable(): string {
  const foldersByEdges = new Map<string, string[]>();
  for (const [folder, targets] of Object.entries(allowedImports)) {
    const edges = targets.map((target) => code(nameOf(target))).join(', ');
    foldersByEdges.set(edges, [...(foldersByEdges.get(edges) ?? []), code(nameOf(folder))]);
  }
  const rows = [...foldersByEdges].map(([edges, folders]) => [folders.join(', '), edges || 'nothing else']);
  return table(['folder or file', 'may import'], rows);
}

const start = '<!-- Generated from test/unit/layering.ts by npm run docs. -->';

/** The page with the table after its marker replaced. */
export const replaceImportTable = (page: string): string =>
  page.replace(new RegExp(`${start}\n\n(\\|.*\n)*`), `${start}\n\n${createImportTable()}\n`);
