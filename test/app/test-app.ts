import type { Host } from '../host/host.ts';
import { type Cloud, type CloudOptions, createCloud } from '../sandbox/cloud.ts';
import type { Call } from './call.ts';

export type Settings = Readonly<Record<string, string>>;

/** What a test does with the host, whether the app is in this process or in one of its own. */
export type TestHost = Pick<
  Host,
  'url' | 'keys' | 'functions' | 'logs' | 'runFunction' | 'drainQueues' | 'restart' | 'stop'
>;

/** The app on the local host, in a sandbox cloud of its own. */
export interface TestApp extends AsyncDisposable {
  readonly cloud: Cloud;
  readonly host: TestHost;
  readonly call: Call;
  /** A second instance in the same cloud, on the same storage, with these settings. Disposing of it leaves this one running. */
  startBeside(settings: Settings): Promise<TestApp>;
  stop(): Promise<void>;
}

/** A cloud without rate limits: tests that are about them switch them on. */
export function createTestCloud(options: CloudOptions = {}): Cloud {
  return createCloud({ ...options, behavior: { limits: false, ...options.behavior } });
}

/** Each test of a file begins without faults, with an empty call log and with the behavior that the file chose. */
export function resetBeforeEach(cloud: Cloud, beforeEach: (reset: () => void) => void): void {
  const usualBehavior = { ...cloud.behavior };
  beforeEach(() => {
    cloud.faults.clear();
    cloud.calls.clear();
    Object.assign(cloud.behavior, usualBehavior);
  });
}
