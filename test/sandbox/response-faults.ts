import type { Cloud } from './cloud.ts';
import { type CloudAnswer, json } from './exchange.ts';
import { type Effect, replyWith } from './faults.ts';
import type { NamedFault } from './named-faults.ts';
import { clientSecretName } from './world.ts';

type Json = Record<string, unknown>;

/** Responses that real services were seen to send, or that no contract allows. */
export const responseFaults: Readonly<Record<string, NamedFault>> = {
  'junk-retry-after': {
    summary: 'every second call of Defender is answered 429 with Retry-After: -43',
    switchOn(cloud) {
      let calls = 0;
      const refusal = json(429, { error: { code: '429', message: 'Slow down.' } }, { 'retry-after': '-43' });
      onDefender(cloud, (_request, answer) => (++calls % 2 === 1 ? refusal : answer()), 'GET');
    },
  },
  'endless-links': {
    summary: 'every list of incidents has a link to itself, the last page included',
    switchOn: (cloud) =>
      onDefender(cloud, async (request, answer) =>
        rewrite(await answer(), (body) =>
          Array.isArray(body.value) ? { ...body, '@odata.nextLink': request.url } : body,
        ),
      ),
  },
  'empty-writes': {
    summary: 'updates are made and answered 204, without the entity',
    switchOn({ faults }) {
      faults.add({
        match: ({ method }) => method === 'PATCH',
        async effect(_request, answer) {
          const reply = await answer();
          return 'broken' in reply || reply.status >= 300 ? reply : { status: 204, headers: {}, body: '' };
        },
      });
    },
  },
  'empty-entities': {
    summary: 'a single incident, alert or machine is answered as {}',
    switchOn({ faults }) {
      const match = ({ method, url }: { method: string; url: string }) =>
        method === 'GET' && /\/(incidents|alerts_v2|machines)\/[^/?]+$/.test(url);
      faults.add({ match, effect: async (_request, answer) => rewrite(await answer(), () => ({})) });
    },
  },
  'odata-types': {
    summary: 'hunting rows have members ending in @odata.type, and {} for a null',
    switchOn({ faults }) {
      const addTypes = (row: Json): Json =>
        Object.fromEntries(
          Object.entries(row).flatMap(([name, value]) => [
            [`${name}@odata.type`, '#SByte'],
            [name, value ?? {}],
          ]),
        );
      const addToRows = (body: Json): Json => {
        const name = 'Results' in body ? 'Results' : 'results';
        const rows = body[name];
        return Array.isArray(rows) ? { ...body, [name]: rows.map(addTypes) } : body;
      };
      faults.add({
        match: ({ url }) => /\/(?:runHuntingQuery|advancedhunting\/run)$/.test(url),
        effect: async (_request, answer) => rewrite(await answer(), addToRows),
      });
    },
  },
  'no-time-zone': {
    summary: 'timestamps of incidents have no time zone',
    switchOn: (cloud) =>
      onDefender(cloud, async (_request, answer) => {
        const reply = await answer();
        if ('broken' in reply) return reply;
        const body = Buffer.from(reply.body).toString();
        return { ...reply, body: body.replaceAll(/("\d{4}-\d\d-\d\dT[\d:.]+)Z"/g, '$1"') };
      }),
  },
  'secret-line-break': {
    summary: 'the secret in Key Vault ends in a line break',
    switchOn({ administrator, world }) {
      const [newest] = world.application.secrets.slice(-1);
      administrator.putSecret(clientSecretName, `${newest?.value}\r\n`);
    },
  },
  'claims-challenge': {
    summary: 'Defender and Graph answer every token with a claims challenge (401 insufficient_claims)',
    switchOn({ faults }) {
      const claims = Buffer.from('{"access_token":{"nbf":{"essential":true,"value":"1"}}}').toString('base64');
      const challenge = `Bearer realm="", error="insufficient_claims", claims="${claims}"`;
      const reply = json(401, { error: { code: 'InvalidAuthenticationToken' } }, { 'www-authenticate': challenge });
      for (const service of ['defenderXdr', 'graph'] as const) faults.add({ service, effect: replyWith(reply) });
    },
  },
  'key-rollover': {
    summary: 'Entra signs with a new key',
    switchOn: (cloud) => cloud.rollSigningKey(),
  },
  'key-outage': {
    summary: 'the signing keys of Entra cannot be fetched (503)',
    switchOn({ faults }) {
      const effect = replyWith(json(503, { error: 'temporarily_unavailable' }));
      faults.add({ service: 'entra', match: ({ url }) => url.endsWith('/discovery/v2.0/keys'), effect });
    },
  },
};

function onDefender({ faults }: Cloud, effect: Effect, method?: string): void {
  faults.add({ service: 'defenderXdr', match: (request) => method === undefined || request.method === method, effect });
}

/** Changes the JSON object of a successful response. */
function rewrite(reply: Awaited<ReturnType<Effect>>, change: (body: Json) => Json): Awaited<ReturnType<Effect>> {
  if ('broken' in reply || reply.status !== 200) return reply;
  const changed: CloudAnswer = {
    ...reply,
    body: JSON.stringify(change(JSON.parse(Buffer.from(reply.body).toString()))),
  };
  return changed;
}
