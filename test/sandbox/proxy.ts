import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CompletedRequest, generateCACertificate, getLocal, type Mockttp } from 'mockttp';
import { appSettings } from './app-settings.ts';
import { type Cloud, createCloud } from './cloud.ts';
import type { CloudRequest } from './exchange.ts';

export interface SandboxOptions {
  /** Default: any that is free. */
  readonly port?: number;
  readonly cloud?: Cloud;
}

export interface Sandbox extends AsyncDisposable {
  readonly cloud: Cloud;
  readonly port: number;
  /** What the environment of an unchanged app has to contain for it to live in the sandbox. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * Serves a cloud as an HTTPS forward proxy on this machine, with a certificate authority of its own, and its identity
 * endpoint over plain HTTP on the same port.
 * @throws when the port is in use.
 */
export async function startSandbox({ port, cloud = createCloud() }: SandboxOptions = {}): Promise<Sandbox> {
  const authority = await generateCACertificate({ subject: { commonName: 'Defender sandbox' } });
  const server = getLocal({ https: authority, http2: false, recordTraffic: false, suggestChanges: false });
  await listen(server, port);
  const directory = await mkdtemp(join(tmpdir(), 'defender-sandbox-'));
  const certificatePath = join(directory, 'ca.pem');
  await writeFile(certificatePath, authority.cert);
  await server.forAnyRequest().thenCallback(async (request) => {
    const reply = await cloud.handle(await toCloudRequest(request));
    if ('broken' in reply) return 'reset';
    const rawBody = Buffer.from(reply.body);
    // Without a length, the body ends where the connection does, and no connection would be used twice.
    const headers = { ...reply.headers, 'content-length': String(rawBody.byteLength) };
    return { statusCode: reply.status, headers, rawBody };
  });

  async function stop(): Promise<void> {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }

  return {
    cloud,
    port: server.port,
    environment: environmentOf(cloud, server.port, certificatePath),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Mockttp's own choice counts up from 8000: a sandbox that has just stopped would share its address with the next one. */
async function listen(server: Mockttp, port = 0): Promise<void> {
  try {
    await server.start(port);
  } catch (cause) {
    if (port === 0) throw cause;
    throw new Error(`The sandbox cannot listen on port ${port}: is it in use?`, { cause });
  }
}

async function toCloudRequest(request: CompletedRequest): Promise<CloudRequest> {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value ?? '')] as const);
  return {
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(headers),
    body: (await request.body.getText()) ?? '',
  };
}

const environmentOf = (cloud: Cloud, port: number, certificatePath: string): Readonly<Record<string, string>> => ({
  HTTPS_PROXY: `http://127.0.0.1:${port}`,
  NO_PROXY: '127.0.0.1,localhost',
  NODE_USE_ENV_PROXY: '1',
  NODE_EXTRA_CA_CERTS: certificatePath,
  ...appSettings(cloud, `http://127.0.0.1:${port}`),
});
