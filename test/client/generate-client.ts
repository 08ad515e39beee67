import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSource } from 'oazapfts';
import { openApi } from '../unit/inbound/documents/api-documents.ts';

// The generator knows nothing of exactOptionalPropertyTypes. What the functions take and answer is checked where they are called.
const heading = '// @ts-nocheck\n';

/** The source text of the client that openapi.json now makes: a function an operation, with the types of what it takes and answers. */
export async function generateClient(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'client-'));
  try {
    const path = join(directory, 'openapi.json');
    await writeFile(path, JSON.stringify(openApi));
    return heading + (await generateSource(path, { argumentStyle: 'object', useUnknown: true }));
  } finally {
    await rm(directory, { recursive: true });
  }
}
