import { globSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openChannel } from './channel.ts';
import { provideCoreModule } from './core-module.ts';
import { FunctionApp } from './function-app.ts';
import { runInvocation, stackOf } from './invocation.ts';
import type { HostMessage, StartedApp, WorkerMessage } from './messages.ts';

/** The descriptor on which the host passes the channel. */
const CHANNEL_FD = 3;

const socket = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
const channel = openChannel<WorkerMessage, HostMessage>(socket, receive);
const app = new FunctionApp((line) => channel.send({ kind: 'log', line }));

// The host is gone.
socket.on('close', () => process.exit(1));
socket.on('error', () => {});
// A signal may reach the whole process group, as Ctrl-C does; the host decides when this process ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

provideCoreModule(() => app);
try {
  channel.send({ kind: 'started', app: await startApp(process.cwd()) });
} catch (error) {
  channel.send({ kind: 'failedToStart', error: stackOf(error) });
}

async function startApp(directory: string): Promise<StartedApp> {
  for (const file of findEntryFiles(directory)) await import(pathToFileURL(file).href);
  await app.runHooks('appStart', {
    hookData: app.appLevelHookData,
    appHookData: app.appHookData,
    functionAppDirectory: directory,
  });
  app.indexed = true;
  const capabilities = await app.model?.getCapabilities?.({});
  const httpUri = capabilities?.HttpUri;
  const functions = [...app.functions.values()].map(({ metadata }) => metadata);
  return httpUri === undefined ? { functions } : { functions, httpUri };
}

/** `main` of package.json is a file or a glob; without it nothing is loaded. */
function findEntryFiles(directory: string): string[] {
  const { main } = JSON.parse(readFileSync(resolve(directory, 'package.json'), 'utf8'));
  if (typeof main !== 'string') return [];
  if (!/[*?[\]{}]/.test(main)) return [resolve(directory, main)];
  const matches = globSync(main, { cwd: directory });
  if (matches.length === 0) throw new Error(`"main" of package.json is ${main}, and no file matches it.`);
  return matches.sort().map((file) => resolve(directory, file));
}

function receive(message: HostMessage, body: Buffer): void {
  if (message.kind === 'invoke') {
    const { invocation } = message;
    void runInvocation(app, invocation, body).then(({ result, body: reply }) =>
      channel.send({ kind: 'result', invocationId: invocation.invocationId, result }, reply),
    );
  } else {
    void terminate();
  }
}

async function terminate(): Promise<void> {
  try {
    await app.runHooks('appTerminate', { hookData: app.appLevelHookData, appHookData: app.appHookData });
  } catch (error) {
    app.log({ level: 'error', category: 'system', message: `An appTerminate hook failed: ${stackOf(error)}` });
  }
  await channel.end();
  process.exit(0);
}
