import { Refusal } from './entra-refusal.ts';
import type { SandboxState } from './state.ts';
import { findTenant, type Tenant } from './world.ts';

/**
 * The tenant by the name that a request to an authority has in its path.
 * @throws {Refusal}
 */
export function requireTenant(name: string, authority: string, { world }: SandboxState): Tenant {
  const tenant = findTenant(world, name);
  if (!tenant) throw new Refusal(90002);
  if (tenant.authority !== authority && authority !== 'login.windows.net') throw new Refusal(900382);
  return tenant;
}

/** The addresses of a tenant's token endpoint at an authority. */
export function tokenUrlsOf({ id, domain }: Tenant, authority: string): readonly string[] {
  return [id, domain].map((name) => `https://${authority}/${name}/oauth2/v2.0/token`);
}
