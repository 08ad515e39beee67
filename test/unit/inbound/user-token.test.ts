import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { UnsecuredJWT } from 'jose';
import { RequestError } from '../../../shared/errors.ts';
import { parseUserToken, readBearer } from '../../../shared/inbound/user-token.ts';
import { clientId, homeTenantId } from '../settings.ts';

/** A user's token for the app in the home tenant, signed by nobody; a claim that is undefined is left out. */
const createUserToken = (claims: Record<string, unknown>): string =>
  new UnsecuredJWT({ aud: clientId, tid: homeTenantId, scp: 'user_impersonation', ...claims }).encode();

const now = Date.parse('2026-11-20T12:00:00Z');
const exp = now / 1000 + 600;
const parse = (token: string) => parseUserToken(token, { clientId, now });

/** Asserts that `action` fails as an unusable token does, and without quoting the token. */
function assertUnusable(action: () => unknown, token: string, reason: RegExp): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof RequestError);
    assert.deepEqual([error.status, error.code], [401, 'InvalidUserToken']);
    assert.equal(error.headers['www-authenticate'], 'Bearer error="invalid_token"');
    assert.match(error.message, reason);
    assert.ok(token.length < 3 || !error.message.includes(token));
    return true;
  });
}

describe('a token for this app', () => {
  it('with scopes is a user, until it expires', () => {
    const token = createUserToken({ exp });
    assert.deepEqual(parse(token), {
      kind: 'user',
      tenantId: homeTenantId,
      assertion: token,
      assertionHash: createHash('sha256').update(token).digest('base64url'),
      expiresAt: exp * 1000,
    });
  });

  it('may name the app by its id or by its identifier URI', () => {
    for (const aud of [clientId, `api://${clientId}`]) {
      assert.equal(parse(createUserToken({ exp, aud }))?.kind, 'user', aud);
    }
  });

  it('names its tenant in any case', () => {
    const tid = 'AAAAAAAA-2222-4333-8444-555555555555';
    assert.equal(parse(createUserToken({ exp, tid }))?.tenantId, tid.toLowerCase());
  });

  it('is a user even if the user has roles of the app, too', () => {
    assert.equal(parse(createUserToken({ exp, roles: ['Responder'] }))?.kind, 'user');
  });

  it('without scopes is no user', () => {
    assert.equal(parse(createUserToken({ exp, scp: undefined, roles: ['Anything'] })), undefined);
  });

  it('is remembered by all of it, signature included', () => {
    const token = createUserToken({ exp });
    assert.notEqual(parse(token)?.assertionHash, parse(`${token}A`)?.assertionHash);
  });

  it('is good to its last second', () => {
    assert.ok(parse(createUserToken({ exp: now / 1000 + 1 })));
    assertUnusable(() => parse(createUserToken({ exp: now / 1000 })), '', /has expired/);
  });
});

describe('a token is unusable', () => {
  const valid = createUserToken({ exp });
  const cases: Record<string, [token: string, reason: RegExp]> = {
    'when it is empty': ['', /no JSON Web Token/],
    'when it is no JWT': ['opaque-token', /no JSON Web Token/],
    'when its signature is missing': [valid.split('.').slice(0, 2).join('.'), /no JSON Web Token/],
    'when its payload is no JSON': ['eyJ.bm8.sig', /no JSON Web Token/],
    'when its payload is no object': ['eyJ.MQ.sig', /no JSON Web Token/],
    'without an audience': [createUserToken({ exp, aud: undefined }), /no JSON Web Token/],
    'without a tenant': [createUserToken({ exp, tid: undefined }), /no JSON Web Token/],
    'without an end': [createUserToken({}), /no JSON Web Token/],
    'when its end is no number': [createUserToken({ exp: String(exp) }), /no JSON Web Token/],
    'when its tenant is no id': [createUserToken({ exp, tid: 'common' }), /no JSON Web Token/],
    'when its tenant is a domain': [createUserToken({ exp, tid: 'contoso.com' }), /no JSON Web Token/],
    'when it is for another app': [createUserToken({ exp, aud: homeTenantId }), /another audience/],
    'when it is for Defender': [
      createUserToken({ exp, aud: 'https://api.security.microsoft.com' }),
      /another audience/,
    ],
    'when its audience only begins as ours': [createUserToken({ exp, aud: `api://${clientId}/x` }), /another audience/],
    'when it has expired': [createUserToken({ exp: now / 1000 - 1 }), /has expired/],
    "when it is an application's, and for another app": [
      createUserToken({ exp, aud: homeTenantId, scp: undefined }),
      /another audience/,
    ],
    "when it is an application's, and has expired": [createUserToken({ exp: 1, scp: undefined }), /has expired/],
  };
  for (const [name, [token, reason]] of Object.entries(cases)) {
    it(name, () => assertUnusable(() => parse(token), token, reason));
  }
});

describe('the Authorization header', () => {
  it('that is absent brings no token', () => {
    assert.equal(readBearer(null), undefined);
  });

  for (const header of ['Bearer a.b-_.c', 'bearer a.b-_.c', 'BEARER   a.b-_.c ']) {
    it(`"${header}" brings the token`, () => assert.equal(readBearer(header), 'a.b-_.c'));
  }

  for (const header of [
    '',
    'Bearer',
    'Bearer ',
    'Bearera.b.c',
    'a.b.c',
    'Basic YTpi',
    'Bearer a b',
    'Bearer a, Bearer b',
  ]) {
    it(`"${header}" is refused`, () => assertUnusable(() => readBearer(header), header, /no bearer token/));
  }
});
