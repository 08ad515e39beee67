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

export type AppName = 'app' | 'bare';

/** The app and the bare function beside it, built the same way, in front of one sandbox without limits. */
export interface Scene extends AsyncDisposable {
  metafile: Metafile;
  /** Asks the sandbox. */
  ask: Ask;
  start(which: AppName, settings?: Record<string, string>): Promise<RunningApp>;
}

type Ask = <Name extends keyof Questions>(name: Name) => Promise<Awaited<ReturnType<Questions[Name]>>>;

export interface RunningApp extends AsyncDisposable {
  host: Host;
  /** Calls `/api/incidents` and reads all of the answer. */
  call(query: string): Promise<void>;
  /** CPU time of the app's process so far, in milliseconds. */
  readCpuMs(): Promise<number>;
  readMemoryMb(): Promise<number>;
  /** The most that it ever was. */
  readPeakMb(): Promise<number>;
}

export async function openScene(): Promise<Scene> {
  const metafile = await buildApp();
  const bareDirectory = await buildBareApp();
  const sandbox = fork(join(import.meta.dirname, 'sandbox-process.ts'));
  await once(sandbox, 'message');
  const ask: Ask = async (name) => {
    sandbox.send(name);
    const [answer] = await once(sandbox, 'message');
    return answer;
  };
  const sandboxEnvironment = await ask('environment');
  const token = await ask('token');
  return {
    metafile,
    ask,
    async start(which, settings = {}) {
      const appDirectory = which === 'app' ? outputDirectory : bareDirectory;
      const environment = { ...sandboxEnvironment, BARE_APP_TOKEN: token, ...settings };
      return toRunningApp(await startHost({ appDirectory, environment }));
    },
    async [Symbol.asyncDispose]() {
      sandbox.disconnect();
      await rm(bareDirectory, { recursive: true });
    },
  };
}

function toRunningApp(host: Host): RunningApp {
  const headers = { 'x-functions-key': host.keys.function };
  const agent = new Agent({ keepAlive: true });
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

/** The leanest client there is: what it costs is missing to whom it measures, and dilutes the ratios. */
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

async function buildBareApp(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'bare-app-'));
  const entryPoints = { app: join(import.meta.dirname, 'bare-app/app.ts') };
  await build({ ...bundleOptions, entryPoints, outdir: directory });
  await writeFile(join(directory, 'package.json'), JSON.stringify({ type: 'module', main: 'app.js' }));
  await writeFile(join(directory, 'host.json'), JSON.stringify({ version: '2.0' }));
  return directory;
}
