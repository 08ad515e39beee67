import { randomUUID } from 'node:crypto';
import { type IssuedToken, issueAppToken } from './app-token.ts';
import { entraError } from './entra-error.ts';
import { Refusal } from './entra-refusal.ts';
import { type CloudReply, type CloudRequest, json } from './exchange.ts';
import { exchangeAssertion, onBehalfOfGrant } from './on-behalf-of.ts';
import { type ResourceName, resourceNamed } from './resources.ts';
import type { SandboxState } from './state.ts';
import { type Application, findTenant, type Tenant } from './world.ts';

/** A request for an application's own token or on behalf of a user, checked in the order in which Entra does. */
export async function requestToken(
  request: CloudRequest,
  tenantName: string,
  state: SandboxState,
): Promise<CloudReply> {
  const form = new URLSearchParams(request.body);
  const client = clientOf(form, request.headers.authorization);
  const app = state.world.applications.find(({ clientId }) => clientId === client.id);
  try {
    const grantType = requireGrantType(form);
    const tenant = requireTenant(grantType, tenantName, new URL(request.url).hostname, state);
    const { resource, uri } = requireResource(form, state);
    requireServicePrincipal(client.id, app, tenant, grantType);
    requireSecret(form, client.secret, app, state.now());
    const { tokenLifetimeSeconds } = state.behaviour;
    const { token, scope }: IssuedToken =
      grantType === onBehalfOfGrant
        ? await exchangeAssertion(form, { clientId: client.id, tenant, resource, uri }, state)
        : await issueAppToken(state, tenant.id, client.id, resource, uri, tokenLifetimeSeconds);
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
    const details = { ...error.details, client: client.id, app: app?.displayName, tenant: tenantName };
    return entraError(error.code, details, state.now());
  }
}

function clientOf(form: URLSearchParams, authorization: string | undefined) {
  const basic = authorization?.match(/^Basic +(\S+)$/i)?.[1];
  if (basic === undefined) {
    return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? undefined };
  }
  const [id = '', secret] = Buffer.from(basic, 'base64').toString().split(':', 2).map(decodeURIComponent);
  return { id, secret };
}

function requireGrantType(form: URLSearchParams): string {
  const grantType = form.get('grant_type');
  if (grantType === null) throw new Refusal(900144, 'grant_type');
  if (grantType !== 'client_credentials' && grantType !== onBehalfOfGrant) throw new Refusal(70003, grantType);
  return grantType;
}

function requireTenant(grantType: string, tenantName: string, authority: string, state: SandboxState): Tenant {
  if (tenantName === 'common' || tenantName === 'consumers' || tenantName === 'organizations') {
    throw new Refusal(9001023, grantType);
  }
  const tenant = findTenant(state.world, tenantName);
  if (!tenant) throw new Refusal(90002);
  if (tenant.authority !== authority && authority !== 'login.windows.net') throw new Refusal(900382);
  return tenant;
}

function requireResource(form: URLSearchParams, state: SandboxState): { resource: ResourceName; uri: string } {
  if (form.has('resource')) throw new Refusal(901002);
  const asked = form.get('scope');
  if (!asked) throw new Refusal(900144, 'scope');
  // Clients add these to any request; they name no resource.
  const scopes = asked.split(/\s+/).filter((scope) => !['openid', 'profile', 'offline_access', ''].includes(scope));
  const [scope = '', ...others] = scopes;
  if (others.length > 0 || !scope.endsWith('/.default')) throw new Refusal(70011, asked);
  const uri = scope.slice(0, -'/.default'.length);
  const resource = resourceNamed(uri, state.world.nationalCloud);
  if (!resource) throw new Refusal(500011, uri);
  return { resource, uri };
}

function requireServicePrincipal(
  clientId: string,
  app: Application | undefined,
  tenant: Tenant,
  grantType: string,
): void {
  if (clientId === '') throw new Refusal(900144, 'client_id');
  if (!app || (!app.multiTenant && app.homeTenantId !== tenant.id)) throw new Refusal(700016);
  if (!tenant.servicePrincipals.has(clientId)) {
    throw new Refusal(grantType === onBehalfOfGrant ? 65001 : 7000229);
  }
  if (app.disabled) throw new Refusal(7000112);
}

function requireSecret(form: URLSearchParams, secret: string | undefined, app: Application | undefined, at: number) {
  // No application of the sandbox has a certificate yet.
  if (form.has('client_assertion')) throw new Refusal(700027);
  if (secret === undefined) throw new Refusal(7000218);
  const known = app?.secrets.find(({ value }) => value === secret);
  if (!known) throw new Refusal(7000215);
  if (known.expiresAt <= at) throw new Refusal(7000222);
}
