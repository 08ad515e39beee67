import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Api } from '../../../shared/clouds.ts';
import { apis } from '../../../shared/clouds.ts';
import { UpstreamError } from '../../../shared/errors.ts';
import type { IssuedToken } from '../../../shared/tokens/client-credential.ts';
import type { Principal, UserPrincipal } from '../../../shared/tokens/principal.ts';
import { type AccessToken, createTokenProvider } from '../../../shared/tokens/token-provider.ts';
import { complete, createFakeClock, type FakeClock } from '../fake-clock.ts';

const minuteMs = 60_000;
const users = 1_000;

/** A thousand users in twenty tenants, each with a token that ends in its own minute of the next two hours, and the application in each tenant. */
function createPrincipals(now: number): Principal[] {
  const tenantOf = (index: number) => `tenant-${index % 20}`;
  const signedIn = Array.from({ length: users }, (_, index): UserPrincipal => {
    const assertion = `assertion-${index}`;
    const assertionHash = createHash('sha256').update(assertion).digest('base64url');
    const expiresAt = now + (1 + (index % 120)) * minuteMs;
    return {
      kind: 'user',
      objectId: 'cccccccc-2222-4333-8444-555555555555',
      tenantId: tenantOf(index),
      assertion,
      assertionHash,
      expiresAt,
    };
  });
  const applications = Array.from({ length: 20 }, (_, index): Principal => {
    return { kind: 'application', tenantId: tenantOf(index) };
  });
  return [...signedIn, ...applications];
}

const nameOf = (principal: Principal, scope: string) =>
  `${principal.tenantId} ${principal.kind === 'user' ? principal.assertion : 'application'} ${scope}`;

/** A fake Entra that answers in a given order and names each token after its principal. */
function createEntra(clock: FakeClock) {
  const waiting: { answer(): void; fail(): void }[] = [];
  const take = (pick: number) => waiting.splice(pick % Math.max(1, waiting.length), 1)[0];
  return {
    requestToken: (principal: Principal, scope: string) =>
      new Promise<IssuedToken>((resolve, reject) => {
        waiting.push({
          answer: () => resolve({ token: nameOf(principal, scope), expiresOnTimestamp: clock.now() + 75 * minuteMs }),
          fail: () => reject(new UpstreamError('Entra is down.', { service: 'entra', failure: 'connection' })),
        });
      }),
    answer: (pick: number) => take(pick)?.answer(),
    fail: (pick: number) => take(pick)?.fail(),
    answerAll() {
      while (waiting.length > 0) take(0)?.answer();
    },
  };
}

type Event =
  | { kind: 'ask' | 'askAgain'; who: number; api: Api }
  | { kind: 'answer' | 'fail'; pick: number }
  | { kind: 'wait'; minutes: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('ask', 'ask', 'askAgain'),
      who: fc.nat(users + 19),
      api: fc.constantFrom(...apis),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('answer', 'answer', 'fail'), pick: fc.nat(500) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait'), minutes: fc.nat(40) }) },
);

test('a thousand interleaved users each get a token of their own, which does not outlive its assertion', async () => {
  const property = fc.asyncProperty(fc.array(event, { minLength: 1_000, maxLength: 3_000 }), async (events) => {
    const clock = createFakeClock();
    const entra = createEntra(clock);
    const principals = createPrincipals(clock.now());
    const resourceOf = (api: Api) => `https://${api}.example`;
    const provider = createTokenProvider({ clock, credential: entra, resourceOf, observe: () => {} });
    const answers: Promise<void>[] = [];
    const wrong: string[] = [];
    let given = 0;

    function check(principal: Principal, api: Api, { token, expiresAt }: AccessToken): void {
      given++;
      const wanted = nameOf(principal, `${resourceOf(api)}/.default`);
      if (token !== wanted) wrong.push(`${wanted} was given ${token}`);
      if (principal.kind === 'user' && expiresAt > principal.expiresAt) wrong.push(`${wanted} outlives its assertion`);
    }

    for (const each of events) {
      switch (each.kind) {
        case 'ask':
        case 'askAgain': {
          const principal = principals[each.who];
          assert.ok(principal);
          const ask = each.kind === 'ask' ? provider.getToken : provider.renew;
          const answer = ask(principal, each.api);
          answers.push(
            answer.then(
              (token) => check(principal, each.api, token),
              () => {},
            ),
          );
          break;
        }
        case 'answer':
        case 'fail':
          entra[each.kind](each.pick);
          await complete();
          break;
        case 'wait':
          await clock.advance(each.minutes * minuteMs);
      }
    }
    entra.answerAll();
    await Promise.all(answers);
    assert.deepEqual(wrong, []);
    assert.ok(given > 100);
  });
  await fc.assert(property, { numRuns: 60 });
});
