import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { buildApp, bundleOptions, outputDirectory } from '../../build.ts';
import { type Host, startHost } from '../host/host.ts';
import type { Questions } from './sandbox-process.ts';

export type AppName = 'app' | 'cached' | 'hello';

/** The app and the two that it is compared with, bundled in the same way, in front of one sandbox without limits. */
export interface Scene extends AsyncDisposable {
  metafile: Metafile;
  /** Asks the sandbox. */
  ask: Ask;
  start(which: AppName, settings?: Record<string, string>): Promise<RunningApp>;
}

type Ask = <Name extends keyof Questions>(name: Name) => Promise<Awaited<ReturnType<Questions[Name]>>>;

export interface RunningApp extends AsyncDisposable {
  host: Host;
  /** Calls `/api/incidents` and reads the whole response. */
  call(query: string): Promise<void>;
  /** CPU time of the app's process so far, in milliseconds. */
  readCpuMs(): Promise<number>;
  readMemoryMb(): Promise<number>;
  /** Peak of the resident set. */
  readPeakMb(): Promise<number>;
}

export async function openScene(): Promise<Scene> {
  const metafile = await buildApp();
  const directories = { app: outputDirectory, cached: await buildOther('cached'), hello: await buildOther('hello') };
  const sandbox = fork(join(import.meta.dirname, 'sandbox-process.ts'));
  await once(sandbox, 'message');
  const ask: Ask = async (name) => {
    sandbox.send(name);
    const [answer] = await once(sandbox, 'message');
    return answer;
  };
  const sandboxEnvironment = await ask('environment');
  return {
    metafile,
    ask,
    async start(which, settings = {}) {
      const environment = { ...sandboxEnvironment, ...settings };
      return toRunningApp(await startHost({ appDirectory: directories[which], environment }));
    },
    async [Symbol.asyncDispose]() {
      sandbox.disconnect();
      await rm(directories.cached, { recursive: true });
      await rm(directories.hello, { recursive: true });
    },
  };
}

function toRunningApp(host: Host): RunningApp {
  const headers = { 'x-functions-key': host.keys.function };
  // Shorter than the keep-alive timeout of the host's server.
  const agent = new Agent({ keepAlive: true, timeout: 3_000 });
  const processFile = (name: string) => readFile(`/proc/${host.appPid}/${name}`, 'utf8');
  const readMb = async (name: string) =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(await processFile('status'))?.[1]) / 1024;
  return {
    host,
    call: (query) => get(`${host.url}/api/incidents?${query}`, agent, headers),
    async readCpuMs() {
      // User and system time, in ticks of 10 ms, are the 12th and 13th field behind the command's name.
      const fields = (await processFile('stat')).split(') ').at(-1)?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    readMemoryMb: () => readMb('VmRSS'),
    readPeakMb: () => readMb('VmHWM'),
    async [Symbol.asyncDispose]() {
      agent.destroy();
      await host.stop();
    },
  };
}

/** A minimal client: its own CPU time would dilute the ratios. */
function get(url: string, agent: Agent, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers }, (response) => {
      response.resume();
      response.on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`Unexpected answer ${response.statusCode}`));
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function buildOther(name: 'cached' | 'hello'): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `${name}-app-`));
  const entryPoints = { app: join(import.meta.dirname, `${name}-app/app.ts`) };
  // Without the plugins, which adapt dependencies to the app.
  await build({ ...bundleOptions, plugins: [], entryPoints, outdir: directory });
  await writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module', main: 'app.js' }));
  await writeFile(join(directory, 'host.json'), JSON.stringify({ version: '2.0' }));
  return directory;
}
