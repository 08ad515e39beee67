import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { generateSource } from 'oazapfts';
import * as z from 'zod/mini';
import { openApi } from '../unit/inbound/documents/api-documents.ts';

/** TypeScript source of the client that oazapfts generates from openapi.json: a typed function per operation. */
export async function generateClient(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'client-'));
  try {
    const path = join(directory, 'openapi.json');
    await writeFile(path, JSON.stringify(openApi));
    return await generateSource(path, { argumentStyle: 'object', useUnknown: true });
  } finally {
    await rm(directory, { recursive: true });
  }
}

export interface ClientReply {
  status: number;
  headers: Headers;
  data: unknown;
}

type Operation = (input: object, init?: object) => Promise<ClientReply>;

const operation = z.custom<Operation>((value) => typeof value === 'function');
const clientModule = z.looseObject({
  defaults: z.custom<{ baseUrl: string; headers: Record<string, string>; fetch: typeof fetch }>(),
});

/** The generated client, bundled and loaded. */
export async function loadClient() {
  const source = await generateClient();
  const { outputFiles: [bundle] = [] } = await build({
    stdin: { contents: source, loader: 'ts', resolveDir: import.meta.dirname },
    ...{ bundle: true, format: 'esm', write: false, logLevel: 'silent' },
  });
  const { defaults, ...members } = clientModule.parse(await importText(bundle?.text ?? ''));
  return {
    defaults,
    operation: (name: string): Operation => operation.parse(members[name]),
  };
}

async function importText(text: string): Promise<unknown> {
  const directory = await mkdtemp(join(tmpdir(), 'client-'));
  try {
    const path = join(directory, 'client.mjs');
    await writeFile(path, text);
    return await import(pathToFileURL(path).href);
  } finally {
    await rm(directory, { recursive: true });
  }
}
