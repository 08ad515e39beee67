import type { CloudReply, CloudRequest } from './exchange.ts';
import type { ServiceName } from './national-cloud.ts';

/** What happens instead of, before or after the real answer, which `answer` gives. */
export type Effect = (request: CloudRequest, answer: () => Promise<CloudReply>) => CloudReply | Promise<CloudReply>;

export interface Fault {
  /** Absent: every service. */
  readonly service?: ServiceName;
  readonly match?: (request: CloudRequest) => boolean;
  /** How often it strikes; absent: until it is removed. */
  readonly times?: number;
  readonly effect: Effect;
}

export interface Faults {
  /** Faults strike in the order in which they were added, each around those after it. Returns what removes it. */
  add(fault: Fault): () => void;
  clear(): void;
}

export const replyWith =
  (reply: CloudReply): Effect =>
  () =>
    reply;

/** The connection is cut before the request is carried out; the caller cannot know that. */
export const breakConnection: Effect = () => ({ broken: 'ECONNRESET' });

/** No connection is made, so the request cannot have been carried out. */
export const refuseConnection: Effect = () => ({ broken: 'ECONNREFUSED' });

/** The request is carried out and the answer lost. */
export const loseAnswer: Effect = async (_request, answer) => {
  await answer();
  return { broken: 'ECONNRESET' };
};

export const neverAnswer: Effect = () => new Promise(() => {});

/** Answers when the promise is resolved: the way for a test to decide when. */
export const holdUntil =
  (released: Promise<unknown>): Effect =>
  async (_request, answer) => {
    await released;
    return answer();
  };

/** Answers late by the wall clock; for people, not for tests. */
export const delayBy =
  (delayMs: number): Effect =>
  async (_request, answer) => {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    return answer();
  };

/** The real status with a body that is cut in the middle, and so is not JSON. */
export const cutBody: Effect = async (_request, answer) => {
  const reply = await answer();
  if ('broken' in reply) return reply;
  return { ...reply, body: reply.body.slice(0, Math.floor(reply.body.length / 2)) };
};

export function createFaults() {
  const active = new Map<symbol, Fault & { left: number }>();

  function strike(
    service: ServiceName,
    request: CloudRequest,
    answer: () => Promise<CloudReply>,
    [fault, ...rest]: readonly (Fault & { left: number })[],
  ): Promise<CloudReply> {
    if (!fault) return answer();
    const inner = () => strike(service, request, answer, rest);
    const applies = fault.left > 0 && (fault.service ?? service) === service && (fault.match?.(request) ?? true);
    if (!applies) return inner();
    fault.left -= 1;
    return Promise.resolve(fault.effect(request, inner));
  }

  return {
    add(fault: Fault): () => void {
      const id = Symbol();
      active.set(id, { ...fault, left: fault.times ?? Number.POSITIVE_INFINITY });
      return () => active.delete(id);
    },
    clear() {
      active.clear();
    },
    /** Answers a request through all faults that apply to it. */
    apply(service: ServiceName, request: CloudRequest, answer: () => Promise<CloudReply>): Promise<CloudReply> {
      return strike(service, request, answer, [...active.values()]);
    },
  };
}
