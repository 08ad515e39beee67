import { randomUUID } from 'node:crypto';
import { checkAccess } from './access.ts';
import { type CloudAnswer, json } from './exchange.ts';
import { hostsOf } from './national-cloud.ts';
import type { SandboxState, Service } from './state.ts';
import type { SecretVersion, Vault } from './world.ts';

const secretPath = /^\/secrets\/([0-9a-zA-Z-]+)(?:\/([0-9a-zA-Z]*))?$/;

/** Secrets of a vault, and with them certificates and their keys, read only. Expired secrets are returned like any other. */
export const keyVault: Service = async (request, state) => {
  const url = new URL(request.url);
  const vault = state.world.vaults.find(({ name }) => url.hostname === vaultHost(state, name));
  if (!vault) return { broken: 'ENOTFOUND' };
  const answer = await answerAs(vault, url, request.method, request.headers.authorization, state);
  const headers = {
    ...answer.headers,
    'x-ms-request-id': randomUUID(),
    'x-ms-client-request-id': request.headers['x-ms-client-request-id'] ?? randomUUID(),
    'x-ms-keyvault-region': 'westeurope',
    'x-ms-keyvault-service-version': '1.9.2500.1',
  };
  return { ...answer, headers };
};

async function answerAs(
  vault: Vault,
  url: URL,
  method: string,
  authorization: string | undefined,
  state: SandboxState,
): Promise<CloudAnswer> {
  const access = await checkAccess(state, authorization, 'keyVault');
  if (!access.granted) return challenge(state, vault, access.reason);
  if (!url.searchParams.has('api-version')) return refuse(400, 'BadParameter', 'api-version must be specified');
  const [path, name, version] = secretPath.exec(url.pathname) ?? [];
  if (path === undefined || name === undefined) return refuse(404, 'NotFound', 'The path is not one of Key Vault.');
  if (method !== 'GET') return refuse(405, 'MethodNotAllowed', 'The sandbox only reads secrets.');
  const { tid, appid = '', oid } = access.principal.claims;
  if (tid !== vault.tenantId || !vault.readers.has(appid)) {
    const permission = `does not have secrets get permission on key vault '${vault.name};location=westeurope'`;
    const message = `The user, group or application 'appid=${appid};oid=${oid}' ${permission}.`;
    return refuse(403, 'Forbidden', message, 'AccessDenied');
  }
  const versions = vault.secrets.get(name) ?? [];
  if (version === 'versions') return listVersions(state, vault, name, versions);
  const secret = version ? versions.find((each) => each.version === version) : versions.at(-1);
  if (!secret) return notFound(version ? `${name}/${version}` : name);
  if (!secret.enabled) {
    return refuse(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', 'SecretDisabled');
  }
  return json(200, { value: secret.value, ...describe(state, vault, name, secret) });
}

export function vaultHost(state: Pick<SandboxState, 'world'>, vaultName: string): string {
  return `${vaultName}.${hostsOf[state.world.nationalCloud].vaultDomain}`;
}

function listVersions(state: SandboxState, vault: Vault, name: string, versions: readonly SecretVersion[]) {
  if (versions.length === 0) return notFound(name);
  return json(200, { value: versions.map((version) => describe(state, vault, name, version)), nextLink: null });
}

function describe(state: SandboxState, vault: Vault, name: string, secret: SecretVersion) {
  const created = Math.floor(secret.createdAt / 1000);
  const base = `https://${vaultHost(state, vault.name)}`;
  return {
    id: `${base}/secrets/${name}/${secret.version}`,
    ...(secret.managed && { managed: true, kid: `${base}/keys/${name}/${secret.version}` }),
    ...(secret.contentType !== undefined && { contentType: secret.contentType }),
    attributes: {
      enabled: secret.enabled,
      ...(secret.startsAt !== undefined && { nbf: Math.floor(secret.startsAt / 1000) }),
      ...(secret.expiresAt !== undefined && { exp: Math.floor(secret.expiresAt / 1000) }),
      created,
      updated: created,
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: 90,
    },
  };
}

function challenge(state: SandboxState, vault: Vault, reason: string): CloudAnswer {
  const { login, vaultDomain } = hostsOf[state.world.nationalCloud];
  const message =
    reason === 'noToken' ? 'Request is missing a Bearer or PoP token.' : `AKV10000: The token is not valid: ${reason}.`;
  return json(
    401,
    { error: { code: 'Unauthorized', message } },
    {
      'www-authenticate': `Bearer authorization="https://${login}/${vault.tenantId}", resource="https://${vaultDomain}"`,
    },
  );
}

function notFound(id: string): CloudAnswer {
  const hint = 'If you recently deleted this secret you may be able to recover it using the correct recovery command.';
  return refuse(
    404,
    'SecretNotFound',
    `A secret with (name/id) ${id} was not found in this key vault. ${hint} For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
  );
}

function refuse(status: number, code: string, message: string, innerCode?: string): CloudAnswer {
  return json(status, { error: { code, message, ...(innerCode && { innererror: { code: innerCode } }) } });
}
