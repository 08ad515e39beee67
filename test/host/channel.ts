import type { Duplex } from 'node:stream';

const PREFIX_BYTES = 8;

export interface Channel<Outgoing> {
  send(message: Outgoing, body?: Uint8Array): void;
  /** Sends what is still queued, then closes. */
  end(): Promise<void>;
}

/**
 * Messages with a body over a byte stream: two 32-bit lengths, the message as JSON, the body as it is. A body is never
 * encoded, so a reply of some hundred KB costs a copy and no parsing. Both ends are ours: messages are believed.
 */
export function openChannel<Outgoing, Incoming>(
  stream: Duplex,
  receive: (message: Incoming, body: Buffer) => void,
): Channel<Outgoing> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let neededBytes = PREFIX_BYTES;

  stream.on('data', (chunk: Buffer) => {
    pending.push(chunk);
    pendingBytes += chunk.length;
    if (pendingBytes < neededBytes) return;
    let rest = pending.length === 1 ? chunk : Buffer.concat(pending);
    for (;;) {
      neededBytes = frameBytes(rest);
      if (rest.length < neededBytes) break;
      const bodyStart = PREFIX_BYTES + rest.readUInt32LE(0);
      const message: Incoming = JSON.parse(rest.toString('utf8', PREFIX_BYTES, bodyStart));
      receive(message, rest.subarray(bodyStart, neededBytes));
      rest = rest.subarray(neededBytes);
    }
    pending = rest.length > 0 ? [rest] : [];
    pendingBytes = rest.length;
  });

  return {
    send(message, body) {
      if (!stream.writable) return;
      const json = JSON.stringify(message);
      const jsonBytes = Buffer.byteLength(json);
      const head = Buffer.allocUnsafe(PREFIX_BYTES + jsonBytes);
      head.writeUInt32LE(jsonBytes, 0);
      head.writeUInt32LE(body?.length ?? 0, 4);
      head.write(json, PREFIX_BYTES);
      stream.cork();
      stream.write(head);
      if (body && body.length > 0) stream.write(body);
      process.nextTick(uncork);
    },
    end: () => new Promise((resolve) => stream.end(resolve)),
  };

  function uncork() {
    stream.uncork();
  }
}

function frameBytes(buffer: Buffer): number {
  if (buffer.length < PREFIX_BYTES) return PREFIX_BYTES;
  return PREFIX_BYTES + buffer.readUInt32LE(0) + buffer.readUInt32LE(4);
}
