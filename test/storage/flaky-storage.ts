import { createServer, request, type Server } from 'node:http';

/** Stands in front of a storage account, and fails as a test wants. */
export interface FlakyStorage {
  readonly connectionString: string;
  stop(): Promise<void>;
}

/** What happens to a request: it is answered with this status instead, or not at all, or as it should be. */
type Fate = 'answered' | 'broken' | 500 | 503;

/** @param decide is asked for each request before it is passed on. */
export async function startFlakyStorage(connectionString: string, decide: () => Fate): Promise<FlakyStorage> {
  const servers: Server[] = [];
  let own = connectionString;
  for (const [endpoint, url = ''] of connectionString.matchAll(/(?<=Endpoint=)(http:\/\/127\.0\.0\.1:\d+)/g)) {
    const server = createServer((incoming, outgoing) => {
      const fate = decide();
      if (fate === 'broken') {
        incoming.destroy();
        return;
      }
      if (typeof fate === 'number') {
        incoming.resume();
        outgoing.writeHead(fate, { 'x-ms-error-code': 'ServerBusy' }).end();
        return;
      }
      const { method, headers } = incoming;
      const passed = request(url + incoming.url, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      passed.on('error', () => outgoing.destroy());
      incoming.pipe(passed);
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve(Number(Object(server.address()).port)));
    });
    servers.push(server);
    own = own.replace(`${endpoint}`, `http://127.0.0.1:${port}`);
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
