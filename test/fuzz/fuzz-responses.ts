import type { InProcessTestApp } from '../app/harness.ts';
import type { Random } from '../sandbox/data/random.ts';
import { breakConnection, type Effect } from '../sandbox/faults.ts';
import { mutate } from './odd-values.ts';

/**
 * Lets every service answer as no contract says: mutated members, other types, truncated bodies, other statuses.
 * @returns what ends it.
 */
export function fuzzResponses({ cloud, storage }: InProcessTestApp, random: Random, probability: number): () => void {
  storage.decide = () =>
    random.chance(probability / 4) ? random.pick(['lost', 'broken', 500, 503] as const) : 'answered';
  storage.rewrite = (answer) => {
    const isRead = answer.status === 200 && answer.headers['content-type']?.includes('json');
    return isRead && random.chance(probability / 2)
      ? { ...answer, body: mutateText(`${answer.body}`, random) }
      : answer;
  };
  const effect: Effect = async (request, answer) => {
    if (!random.chance(probability)) return answer();
    if (random.chance(0.1)) return breakConnection(request, answer);
    const reply = await answer();
    if ('broken' in reply) return reply;
    const text = Buffer.from(reply.body).toString();
    switch (random.integer(0, 7)) {
      case 0:
        return { ...reply, body: text.slice(0, random.integer(0, text.length)) };
      case 1:
        return { ...reply, status: random.pick([200, 201, 202, 204, 206, 301, 400, 404, 410, 500] as const) };
      case 2:
        return { ...reply, status: 204, body: '' };
      case 3:
        return { ...reply, headers: { ...reply.headers, 'retry-after': '-43' }, status: 429 };
      case 4:
        return { ...reply, body: random.pick(['{}', 'null', '[]', '""', '1', '<html></html>', '\ufeff{}'] as const) };
      default:
        // MSAL would keep a malformed token of the identity endpoint until it expires.
        return request.url.includes('/msi/') ? reply : { ...reply, body: mutateText(text, random) };
    }
  };
  const remove = cloud.faults.add({ effect });
  return () => {
    remove();
    storage.decide = () => 'answered';
    storage.rewrite = (answer) => answer;
  };
}

function mutateText(text: string, random: Random): string {
  try {
    return JSON.stringify(mutate(JSON.parse(text), random)) ?? '';
  } catch {
    return text.slice(1);
  }
}
