import { randomUUID } from 'node:crypto';
import { empty, readElement, type StorageAnswer, type StorageRequest, xml, xmlError } from './storage-exchange.ts';

export interface StoredMessage {
  readonly id: string;
  readonly text: string;
  readonly insertedAt: number;
  readonly expiresAt: number;
  visibleAt: number;
  popReceipt: string;
  dequeueCount: number;
}

export interface QueueService {
  answer(request: StorageRequest): StorageAnswer;
  /** The messages of a queue that have not expired, hidden ones included; undefined where there is no queue. */
  messagesOf(queue: string): StoredMessage[] | undefined;
  /** Messages of all queues, hidden ones included. */
  count(): number;
  send(queue: string, text: string): void;
  /** Takes messages that can be seen, and hides them. */
  receive(queue: string, count: number, invisibleMs: number): StoredMessage[];
  /** False when the message is gone or was received again. */
  delete(queue: string, id: string, popReceipt: string): boolean;
  hide(queue: string, id: string, popReceipt: string, invisibleMs: number): StoredMessage | undefined;
}

/** Azure Queue Storage in memory. */
export function createQueueService(now: () => number): QueueService {
  const queues = new Map<string, StoredMessage[]>();

  function messagesOf(queue: string): StoredMessage[] | undefined {
    const left = queues.get(queue)?.filter(({ expiresAt }) => expiresAt > now());
    if (left !== undefined) queues.set(queue, left);
    return left;
  }

  const find = (queue: string, id: string, popReceipt: string) =>
    messagesOf(queue)?.find((message) => message.id === id && message.popReceipt === popReceipt);

  function put(queue: string, text: string, hiddenSeconds: number, keptSeconds: number): StoredMessage {
    const message: StoredMessage = {
      id: randomUUID(),
      text,
      insertedAt: now(),
      expiresAt: keptSeconds < 0 ? Number.POSITIVE_INFINITY : now() + keptSeconds * 1000,
      visibleAt: now() + hiddenSeconds * 1000,
      popReceipt: randomUUID(),
      dequeueCount: 0,
    };
    queues.set(queue, [...(messagesOf(queue) ?? []), message]);
    return message;
  }

  function create(queue: string): StorageAnswer {
    if (queues.has(queue)) return empty(204);
    queues.set(queue, []);
    return empty(201);
  }

  function hide(queue: string, id: string, popReceipt: string, invisibleMs: number): StoredMessage | undefined {
    const message = find(queue, id, popReceipt);
    if (message) Object.assign(message, { visibleAt: now() + invisibleMs, popReceipt: randomUUID() });
    return message;
  }

  function remove(queue: string, id: string, popReceipt: string): boolean {
    const message = find(queue, id, popReceipt);
    queues.set(queue, messagesOf(queue)?.filter((each) => each !== message) ?? []);
    return message !== undefined;
  }

  function answerMessage(method: string, queue: string, id: string, query: URLSearchParams): StorageAnswer {
    const popReceipt = query.get('popreceipt') ?? '';
    if (!messagesOf(queue)?.some((message) => message.id === id)) return xmlError(404, 'MessageNotFound');
    if (find(queue, id, popReceipt) === undefined) return xmlError(400, 'PopReceiptMismatch');
    if (method === 'DELETE') {
      remove(queue, id, popReceipt);
      return empty(204);
    }
    const hidden = hide(queue, id, popReceipt, Number(query.get('visibilitytimeout')) * 1000);
    return empty(204, {
      'x-ms-popreceipt': hidden?.popReceipt ?? '',
      'x-ms-time-next-visible': toHttpDate(hidden?.visibleAt ?? 0),
    });
  }

  return {
    messagesOf,
    count: () => [...queues.keys()].reduce((sum, queue) => sum + (messagesOf(queue)?.length ?? 0), 0),
    hide,
    delete: remove,
    send: (queue, text) => void put(queue, text, 0, -1),
    receive(queue, count, invisibleMs) {
      const visible = messagesOf(queue)?.filter(({ visibleAt }) => visibleAt <= now()) ?? [];
      const taken = visible.slice(0, count);
      for (const message of taken) {
        message.visibleAt = now() + invisibleMs;
        message.popReceipt = randomUUID();
        message.dequeueCount++;
      }
      return taken.map((message) => ({ ...message }));
    },
    answer({ method, url, body }) {
      const [, queue = '', isMessages, id] = /^\/([a-z0-9-]+)(\/messages(?:\/([^/]+))?)?$/.exec(url.pathname) ?? [];
      if (method === 'PUT' && !isMessages) return create(queue);
      const messages = messagesOf(queue);
      if (messages === undefined) return xmlError(404, 'QueueNotFound');
      if (!isMessages) return empty(200, { 'x-ms-approximate-messages-count': String(messages.length) });
      if (id !== undefined) return answerMessage(method, queue, id, url.searchParams);
      if (method !== 'POST') return xmlError(400, 'UnsupportedHttpVerb');
      const seconds = (name: string, usual: number) => Number(url.searchParams.get(name) ?? usual);
      const sent = put(
        queue,
        readElement(`${body}`, 'MessageText'),
        seconds('visibilitytimeout', 0),
        seconds('messagettl', 7 * 24 * 60 * 60),
      );
      return xml(201, `<QueueMessagesList>${describe(sent)}</QueueMessagesList>`);
    },
  };
}

const farAway = Date.parse('9999-12-31T23:59:59Z');
const toHttpDate = (at: number): string => new Date(Math.min(at, farAway)).toUTCString();

function describe({ id, insertedAt, expiresAt, visibleAt, popReceipt }: StoredMessage): string {
  return [
    `<QueueMessage><MessageId>${id}</MessageId><InsertionTime>${toHttpDate(insertedAt)}</InsertionTime>`,
    `<ExpirationTime>${toHttpDate(expiresAt)}</ExpirationTime><PopReceipt>${popReceipt}</PopReceipt>`,
    `<TimeNextVisible>${toHttpDate(visibleAt)}</TimeNextVisible></QueueMessage>`,
  ].join('');
}
