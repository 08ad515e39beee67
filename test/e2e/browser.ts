import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { createInterface } from 'node:readline';
import * as z from 'zod/mini';

/** A page in a browser of its own, driven by the DevTools protocol. */
export interface BrowserPage extends AsyncDisposable {
  /** What the page asked for, in order. */
  readonly requests: readonly { url: string; headers: Record<string, string> }[];
  /** What the browser complained of: refused by the page's policy, thrown by its script. */
  readonly complaints: readonly string[];
  /** The value of an expression in the page, awaited. */
  evaluate(expression: string): Promise<unknown>;
}

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser of this machine; undefined without one. */
export const browserPath = (env.PATH ?? '')
  .split(delimiter)
  .flatMap((directory) => names.map((name) => join(directory, name)))
  .find((path) => existsSync(path));

const message = z.looseObject({
  id: z.optional(z.number()),
  method: z.optional(z.string()),
  params: z.optional(z.unknown()),
  result: z.optional(z.unknown()),
  error: z.optional(z.object({ message: z.string() })),
});
const request = z.object({ request: z.object({ url: z.string(), headers: z.record(z.string(), z.string()) }) });
const evaluated = z.object({
  result: z.object({ value: z.optional(z.unknown()) }),
  exceptionDetails: z.optional(z.unknown()),
});

const logEntry = z.object({ entry: z.object({ level: z.string(), text: z.string() }) });

/** What the browser logged, unless it is only advice. */
function faultsOf(params: unknown): string[] {
  const { level, text } = logEntry.parse(params).entry;
  return level === 'error' || level === 'warning' ? [text] : [];
}

/** Opens a page of a width in pixels, and waits until it is loaded. */
export async function openPage(path: string, url: string, width: number): Promise<BrowserPage> {
  const profile = await mkdtemp(join(tmpdir(), 'browser-'));
  const options = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
  const child = spawn(path, [...options, `--user-data-dir=${profile}`, '--remote-debugging-port=0', 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const socket = await connect(await findTarget(await readAddress(child)));
  const { send, requests, complaints, loaded } = createSession(socket);

  for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await send(`${domain}.enable`);
  const metrics = { width, height: 900, deviceScaleFactor: 1, mobile: width < 600 };
  await send('Emulation.setDeviceMetricsOverride', metrics);
  await send('Page.navigate', { url });
  await loaded;

  return {
    requests,
    complaints,
    async evaluate(expression) {
      const answer = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      const { result, exceptionDetails } = evaluated.parse(answer);
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
      return result.value;
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      const exited = once(child, 'exit');
      child.kill();
      await exited;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Sends commands and records events. */
function createSession(socket: WebSocket) {
  const requests: z.infer<typeof request>['request'][] = [];
  const complaints: string[] = [];
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  const loaded = Promise.withResolvers<void>();

  socket.addEventListener('message', ({ data }) => {
    const { id = 0, method, params, result, error } = message.parse(JSON.parse(String(data)));
    if (error) pending.get(id)?.reject(new Error(error.message));
    else pending.get(id)?.resolve(result);
    if (method === 'Network.requestWillBeSent') requests.push(request.parse(params).request);
    if (method === 'Runtime.exceptionThrown') complaints.push(JSON.stringify(params));
    if (method === 'Log.entryAdded') complaints.push(...faultsOf(params));
    if (method === 'Page.loadEventFired') loaded.resolve();
  });

  const send = (method: string, params = {}): Promise<unknown> => {
    const id = pending.size + 1;
    const answer = Promise.withResolvers<unknown>();
    pending.set(id, answer);
    socket.send(JSON.stringify({ id, method, params }));
    return answer.promise;
  };

  return { send, requests, complaints, loaded: loaded.promise };
}

/** The browser says on stderr where it listens. */
async function readAddress({ stderr }: ChildProcess): Promise<URL> {
  if (stderr === null) throw new TypeError('The browser was started without stderr');
  const lines = createInterface(stderr);
  for await (const line of lines) {
    const [, address] = /DevTools listening on (ws:\S+)/.exec(line) ?? [];
    if (address === undefined) continue;
    stderr.resume();
    return new URL(address);
  }
  throw new Error('The browser ended before it listened');
}

const targets = z.array(z.looseObject({ type: z.string(), webSocketDebuggerUrl: z.string() }));

async function findTarget({ host }: URL): Promise<string> {
  const listed = targets.parse(await (await fetch(`http://${host}/json/list`)).json());
  const page = listed.find(({ type }) => type === 'page');
  if (page === undefined) throw new Error('The browser opened no page');
  return page.webSocketDebuggerUrl;
}

async function connect(address: string): Promise<WebSocket> {
  const socket = new WebSocket(address);
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  socket.addEventListener('open', resolve);
  socket.addEventListener('error', reject);
  await promise;
  return socket;
}
