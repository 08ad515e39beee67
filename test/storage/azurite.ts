import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { MovableTime } from '../host/movable-time.ts';

/** Microsoft's storage emulator. It ends with the process that starts it. */
export interface Azurite {
  /** The value of `AzureWebJobsStorage`. */
  readonly connectionString: string;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('../../node_modules/azurite/dist/src/azurite.js', import.meta.url));
const options = '--inMemoryPersistence --silent --skipApiVersionCheck --disableTelemetry';
const freePorts = '--blobPort 0 --queuePort 0 --tablePort 0';

const account = 'devstoreaccount1';
/** Published key of the emulator. */
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const services = ['Blob', 'Queue', 'Table'] as const;

/** Ends the emulator when its parent ends, which closes its standard input. */
const endWithParent = 'data:text/javascript,process.stdin.on("end",()=>process.exit()).resume()';

/** Starts an empty emulator on free ports. Default time: the system clock's. */
export async function startAzurite(time?: MovableTime): Promise<Azurite> {
  const parameters = [
    ...(time?.nodeArguments ?? []),
    '--import',
    endWithParent,
    program,
    ...options.split(' '),
    ...freePorts.split(' '),
  ];
  const child = spawn(process.execPath, parameters, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...time?.environment },
  });
  const urls = new Map<string, string>();
  for await (const line of createInterface(child.stdout)) {
    const [, service = '', url = ''] = /^Azurite (\w+) service is successfully listening at (\S+)/.exec(line) ?? [];
    if (url !== '') urls.set(service, `${url}/${account}`);
    if (urls.size === services.length) break;
  }
  if (urls.size < services.length) throw new Error(`Azurite did not start: ${child.exitCode ?? child.signalCode}`);
  child.stdout.resume();
  const endpoints = services.map((service) => `${service}Endpoint=${urls.get(service)}`);
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};${endpoints.join(';')};`,
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
    },
  };
}
