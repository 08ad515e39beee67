import { writeFile } from 'node:fs/promises';
import { generateClient } from './generate-client.ts';

await writeFile(new URL('api-client.ts', import.meta.url), await generateClient());
