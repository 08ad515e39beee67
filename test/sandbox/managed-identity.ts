import { randomUUID } from 'node:crypto';
import { type IssuedToken, issueAppToken } from './app-token.ts';
import { type CloudReply, json } from './exchange.ts';
import { issueIdentityAssertion } from './identity-assertion.ts';
import { resourceNamed, withoutSlash } from './resources.ts';
import { signInApp } from './sign-in.ts';
import type { SandboxState, Service } from './state.ts';

export const identityHeader = 'sandbox-identity-header';
const lifetimeSeconds = 24 * 60 * 60;

/** The identity endpoint of App Service (2019-08-01). */
export const managedIdentity: Service = async (request, state) => {
  if (request.headers['x-identity-header'] !== identityHeader) {
    return refuse(401, 'The X-IDENTITY-HEADER header is missing or is not the one of this app.');
  }
  if (request.method !== 'GET') return refuse(405, 'Method Not Allowed');
  const query = new URL(request.url).searchParams;
  if (query.get('api-version') !== '2019-08-01') return refuse(400, 'The api-version is missing or not supported.');
  const { world } = state;
  const id = query.get('client_id') ?? query.get('principal_id') ?? query.get('object_id') ?? query.get('mi_res_id');
  if (id === world.workflow.clientId) return answerWorkflow(query.get('resource') ?? '', state);
  const identity = world.identities.find(({ clientId, tenantId, userAssigned }) => {
    if (id === null) return !userAssigned;
    const objectId = world.tenants.find((tenant) => tenant.id === tenantId)?.servicePrincipals.get(clientId)?.objectId;
    return clientId === id || objectId === id;
  });
  if (!identity) {
    return refuse(
      400,
      'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
    );
  }
  const uri = withoutSlash(query.get('resource') ?? '');
  const resource = resourceNamed(uri, world.nationalCloud);
  if (!resource) {
    return refuse(400, `AADSTS500011: The resource principal named ${uri} was not found in the tenant.`);
  }
  const { tenantId, clientId } = identity;
  const issued = await throughCache(`${clientId} ${uri}`, state, () =>
    resource === 'tokenExchange'
      ? issueIdentityAssertion(state, identity, uri, lifetimeSeconds)
      : issueAppToken(state, tenantId, clientId, resource, uri, lifetimeSeconds),
  );
  return json(200, {
    access_token: issued.token,
    expires_on: String(issued.expiresOn),
    resource: uri,
    token_type: 'Bearer',
    client_id: clientId,
  });
};

/** The identity of a workflow, whose only resource is our application. */
async function answerWorkflow(resource: string, state: SandboxState): Promise<CloudReply> {
  const { clientId } = state.world.application;
  if (resource !== clientId && resource !== `api://${clientId}`) {
    return refuse(400, `AADSTS500011: The resource principal named ${resource} was not found in the tenant.`);
  }
  const { tokens, world } = state;
  const token = await signInApp(state);
  const claims = await tokens.read(token);
  return json(200, {
    access_token: token,
    expires_on: String(claims?.exp),
    resource,
    token_type: 'Bearer',
    client_id: world.workflow.clientId,
  });
}

/** Returns the same token until it expires, when configured. */
async function throughCache(key: string, state: SandboxState, issue: () => Promise<IssuedToken>): Promise<IssuedToken> {
  if (!state.behavior.cachesIdentityTokens) return issue();
  const known = state.identityTokens.get(key);
  if (known && known.expiresOn * 1000 > state.now()) return known;
  const issued = await issue();
  state.identityTokens.set(key, issued);
  return issued;
}

function refuse(statusCode: number, message: string): CloudReply {
  return json(statusCode, { statusCode, message, correlationId: randomUUID() });
}
