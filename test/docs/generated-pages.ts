import { createApiPage } from './api-page.ts';
import { createSettingsPage } from './settings-page.ts';

/** Pages that `npm run docs` writes, by path. */
export const generatedPages = (): Record<string, string> => ({
  'docs/api.md': createApiPage(),
  'docs/settings.md': createSettingsPage(),
});
