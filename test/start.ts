import { fileURLToPath } from 'node:url';
import { buildApp, outputDirectory } from '../build.ts';
import { roleDescriptions } from '../shared/roles.ts';
import { demonstrateFeed, receiverUrl } from './demonstration.ts';
import { AppUnavailableError, type Host, startHost } from './host/host.ts';
import { type SourceWatcher, watchSources } from './host/source-watcher.ts';
import { parseStartOptions, type StartOptions, UsageError, usage } from './host/start-options.ts';
import { describeStart } from './host/welcome.ts';
import { arrangeCredential } from './sandbox/app-credential.ts';
import type { Cloud } from './sandbox/cloud.ts';
import { describeFaults, namedFaults, switchOnFault } from './sandbox/named-faults.ts';
import { type Sandbox, startSandbox } from './sandbox/proxy.ts';
import { startAzurite } from './storage/azurite.ts';

/** Fixed, so that a call can be pasted again. They open nothing but a sandbox on this machine. */
const KEYS = { function: 'local-key', master: 'local-master-key' };

const ROOT = fileURLToPath(new URL('..', import.meta.url));

try {
  const options = parseStartOptions(process.argv.slice(2));
  if (options.help) console.log(usage);
  else if (options.faults.includes('help')) console.log(describeFaults());
  else await run(options, untilInterrupted());
} catch (error) {
  console.error(explain(error));
  // Azurite may be running already, and would keep the process alive.
  process.exit(1);
}

async function run(options: StartOptions, interrupted: Promise<void>): Promise<void> {
  const unknown = options.faults.find((name) => !namedFaults.has(name));
  if (unknown !== undefined) throw new UsageError(`Unknown fault "${unknown}"; --fault help lists all faults.`);
  const watcher = options.watch
    ? watchSources(ROOT, ['functions', 'shared'], ['host.json', 'package.json'])
    : undefined;
  const [sandbox, storage] = await Promise.all([
    startSandbox(options.port === 0 ? {} : { port: options.port + 1 }),
    startAzurite(),
  ]);
  try {
    for (const fault of options.faults) await switchOnFault(sandbox.cloud, fault);
    const credential = await arrangeCredential(sandbox.cloud, options.credential);
    if (options.callers === 'token') assignEveryRole(sandbox.cloud);
    await firstBuild(watcher, interrupted);
    const host = await startHost({
      appDirectory: outputDirectory,
      port: options.port,
      keys: KEYS,
      environment: {
        ...sandbox.environment,
        ...credential,
        CALLER_AUTHENTICATION: options.callers,
        AzureWebJobsStorage: storage.connectionString,
      },
      keepWaiting: options.watch,
      logRequests: true,
      log: (line) => console.log(line),
    });
    const endDemonstration = await demonstrateFeed(host, sandbox.cloud, options.callers, (line) => console.log(line));
    console.log(describeStart(host, surroundingsOf(sandbox, options)));
    if (watcher) void rebuildOnChange(watcher, host);
    await interrupted;
    endDemonstration();
    await host.stop();
  } finally {
    watcher?.close();
    await sandbox.stop();
    await storage.stop();
  }
}

/** While sources are watched, a build that fails waits for the next change. */
async function firstBuild(watcher: SourceWatcher | undefined, interrupted: Promise<void>): Promise<void> {
  for (;;) {
    try {
      await buildApp();
      return;
    } catch (error) {
      if (!watcher) throw error;
      console.error(`${explain(error)}\nWaiting for a change.`);
      await Promise.race([watcher.changed(), interrupted.then(() => Promise.reject(error))]);
    }
  }
}

async function rebuildOnChange(watcher: SourceWatcher, host: Host): Promise<never> {
  for (;;) {
    await watcher.changed();
    const startedAt = performance.now();
    try {
      await buildApp();
      await host.restart();
      console.log(`Rebuilt and restarted in ${Math.round(performance.now() - startedAt)} ms.`);
    } catch (error) {
      console.error(`${explain(error)}\nWaiting for a change.`);
    }
  }
}

/** The workflow of the sandbox may do everything. */
function assignEveryRole({ world }: Cloud): void {
  for (const role of Object.keys(roleDescriptions)) world.workflow.roles.add(role);
}

function surroundingsOf({ cloud, port }: Sandbox, { callers, faults, watch }: StartOptions) {
  const { application, home, workflow } = cloud.world;
  const token = `http://127.0.0.1:${port}/msi/token?api-version=2019-08-01&client_id=${workflow.clientId}&resource=api://${application.clientId}`;
  const incidents = cloud.securityOf(home.id).incidents.all();
  const incident = incidents.find(({ status }) => status === 'Active') ?? incidents[0];
  if (!incident) throw new Error('The sandbox has no incidents.');
  return {
    homeTenant: home.domain,
    incidentCount: incidents.length,
    incidentId: incident.incidentId,
    sandboxPort: port,
    receiverUrl,
    tokenUrl: callers === 'token' ? token : undefined,
    faults,
    isWatching: watch,
  };
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        console.log('\nStopping.');
        resolve();
        process.on(signal, () => process.exit(130));
      });
    }
  });
}

function explain(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\n\n${usage}`;
  if (error instanceof AppUnavailableError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const port = portInUse(error) ?? portInUse(error.cause);
  if (port !== undefined)
    return `Port ${port} is in use. Stop the program that uses it, or choose another port: npm start -- --port ${port + 1}`;
  return isBuildFailure(error) ? describeBuildFailure(error) : `${error.stack}`;
}

/** The sandbox's own error has the system's as its cause. */
function portInUse(error: unknown): number | undefined {
  const isInUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error;
  return isInUse ? Number(error.port) : undefined;
}

interface BuildFailure {
  readonly errors: readonly { text: string; location: { file: string; line: number; column: number } | null }[];
}

function isBuildFailure(error: Error): error is Error & BuildFailure {
  return 'errors' in error && Array.isArray(error.errors);
}

function describeBuildFailure({ errors }: BuildFailure): string {
  const lines = errors.map(({ text, location }) =>
    location ? `  ${location.file}:${location.line}:${location.column + 1}: ${text}` : `  ${text}`,
  );
  return ['Failed to compile the app:', ...lines].join('\n');
}
