import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';

/** A proxy in front of a storage account that fails as a test wants. */
export interface FlakyStorage {
  readonly connectionString: string;
  stop(): Promise<void>;
}

/** A request to one of the account's services, before it is forwarded. */
export interface StorageRequest {
  readonly service: 'blob' | 'queue' | 'table';
  readonly method: string;
  /** Path and query. */
  readonly url: string;
}

/**
 * What happens to a request. `broken`: the connection breaks before the service acts. `lost`: the service acts, then the connection
 * breaks. A number: this status, without the service having acted.
 */
type Fate = 'answered' | 'broken' | 'lost' | 500 | 503;

/** @param decide the fate of each request. */
export async function startFlakyStorage(
  connectionString: string,
  decide: (request: StorageRequest) => Fate,
): Promise<FlakyStorage> {
  const servers: Server[] = [];
  let own = connectionString;
  const endpoints = connectionString.matchAll(/(Blob|Queue|Table)Endpoint=(http:\/\/127\.0\.0\.1:\d+)/g);
  for (const [, name = '', origin = ''] of endpoints) {
    const service = toService(name);
    const server = createServer((incoming, outgoing) => {
      const { method = '', url = '' } = incoming;
      const fate = decide({ service, method, url });
      if (fate === 'broken') incoming.destroy();
      else if (typeof fate === 'number') {
        incoming.resume();
        outgoing.writeHead(fate, { 'x-ms-error-code': 'ServerBusy' }).end();
      } else forward(incoming, outgoing, origin, fate === 'lost');
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve(Number(Object(server.address()).port)));
    });
    servers.push(server);
    own = own.replace(origin, `http://127.0.0.1:${port}`);
  }
  return {
    connectionString: own,
    async stop() {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

function toService(name: string): StorageRequest['service'] {
  if (name === 'Blob') return 'blob';
  return name === 'Queue' ? 'queue' : 'table';
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, origin: string, isResponseLost: boolean): void {
  const { method, headers } = incoming;
  const passed = request(origin + incoming.url, { method, headers }, (answer) => {
    if (isResponseLost) {
      answer.resume().on('end', () => incoming.destroy());
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  passed.on('error', () => outgoing.destroy());
  incoming.pipe(passed);
}
