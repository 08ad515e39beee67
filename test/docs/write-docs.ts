import { writeFile } from 'node:fs/promises';
import { generatedPages } from './generated-pages.ts';

for (const [path, text] of Object.entries(generatedPages())) {
  await writeFile(new URL(`../../${path}`, import.meta.url), text);
  console.log(`Wrote ${path}`);
}
