import { readFileSync } from 'node:fs';
import { createApiPage } from './api-page.ts';
import { replaceImportTable } from './import-table.ts';
import { createSettingsPage } from './settings-page.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Pages that `npm run docs` writes, by path. */
export const generatedPages = (): Record<string, string> => ({
  'docs/api.md': createApiPage(),
  'docs/settings.md': createSettingsPage(),
  'docs/architecture.md': replaceImportTable(read('docs/architecture.md')),
});
