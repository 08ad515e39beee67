import { randomUUID } from 'node:crypto';
import { type IssuedToken, issueAppToken } from './app-token.ts';
import { requireClientCredential } from './client-credential.ts';
import { entraError } from './entra-error.ts';
import { Refusal } from './entra-refusal.ts';
import { requireScope } from './entra-scope.ts';
import { requireTenant, tokenUrlsOf } from './entra-tenant.ts';
import { type CloudReply, type CloudRequest, json } from './exchange.ts';
import { exchangeAssertion, onBehalfOfGrant } from './on-behalf-of.ts';
import { passwordGrant, signInWithPassword } from './password-grant.ts';
import { type ResourceName, resourceNamed } from './resources.ts';
import type { SandboxState } from './state.ts';
import type { Application, Tenant } from './world.ts';

interface Client {
  readonly id: string;
  readonly secret: string | undefined;
  readonly app: Application | undefined;
}

/** A request for a token: an application's own, on behalf of a user, or a user's for our application. */
export async function requestToken(
  request: CloudRequest,
  tenantName: string,
  state: SandboxState,
): Promise<CloudReply> {
  const form = new URLSearchParams(request.body);
  const client = clientOf(form, request.headers.authorization, state);
  try {
    const grantType = requireGrantType(form);
    requireOneTenant(grantType, tenantName);
    const authority = new URL(request.url).hostname;
    const tenant = requireTenant(tenantName, authority, state);
    const { token, scope } =
      grantType === passwordGrant
        ? await signInWithPassword(form, client.id, tenant, state)
        : await issueToApplication(form, grantType, client, tenant, tokenUrlsOf(tenant, authority), state);
    const { tokenLifetimeSeconds } = state.behavior;
    return json(
      200,
      {
        token_type: 'Bearer',
        expires_in: tokenLifetimeSeconds,
        ext_expires_in: tokenLifetimeSeconds,
        access_token: token,
        ...(scope && { scope }),
      },
      { 'cache-control': 'no-store, no-cache', 'x-ms-request-id': randomUUID() },
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const details = { ...error.details, client: client.id, app: client.app?.displayName, tenant: tenantName };
    return entraError(error.code, details, state.now());
  }
}

/** Checks in the order in which Entra does. */
async function issueToApplication(
  form: URLSearchParams,
  grantType: string,
  client: Client,
  tenant: Tenant,
  tokenUrls: readonly string[],
  state: SandboxState,
): Promise<IssuedToken> {
  const { resource, uri } = requireResource(form, state);
  const app = requireApplication(client, tenant, grantType);
  await requireClientCredential(form, client.secret, app, tokenUrls, state);
  return grantType === onBehalfOfGrant
    ? exchangeAssertion(form, { clientId: client.id, tenant, resource, uri }, state)
    : issueAppToken(state, tenant.id, client.id, resource, uri, state.behavior.tokenLifetimeSeconds);
}

function clientOf(form: URLSearchParams, authorization: string | undefined, { world }: SandboxState): Client {
  const basic = authorization?.match(/^Basic +(\S+)$/i)?.[1];
  const [id = '', secret] =
    basic === undefined
      ? [form.get('client_id') ?? '', form.get('client_secret') ?? undefined]
      : Buffer.from(basic, 'base64').toString().split(':', 2).map(decodeURIComponent);
  return { id, secret, app: world.applications.find(({ clientId }) => clientId === id) };
}

function requireGrantType(form: URLSearchParams): string {
  const grantType = form.get('grant_type');
  if (grantType === null) throw new Refusal(900144, 'grant_type');
  if (!['client_credentials', onBehalfOfGrant, passwordGrant].includes(grantType)) throw new Refusal(70003, grantType);
  return grantType;
}

function requireOneTenant(grantType: string, tenantName: string): void {
  if (['common', 'consumers', 'organizations'].includes(tenantName)) throw new Refusal(9001023, grantType);
}

function requireResource(form: URLSearchParams, state: SandboxState): { resource: ResourceName; uri: string } {
  if (form.has('resource')) throw new Refusal(901002);
  const { asked, uri, name } = requireScope(form);
  if (name !== '.default') throw new Refusal(70011, asked);
  const resource = resourceNamed(uri, state.world.nationalCloud);
  if (!resource) throw new Refusal(500011, uri);
  return { resource, uri };
}

function requireApplication({ id, app }: Client, tenant: Tenant, grantType: string): Application {
  if (id === '') throw new Refusal(900144, 'client_id');
  if (!app || (!app.multiTenant && app.homeTenantId !== tenant.id)) throw new Refusal(700016);
  if (!tenant.servicePrincipals.has(id)) throw new Refusal(grantType === onBehalfOfGrant ? 65001 : 7000229);
  if (app.disabled) throw new Refusal(7000112);
  return app;
}
