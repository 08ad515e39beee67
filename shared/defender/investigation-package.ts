import * as z from 'zod/mini';
import type { Api } from '../clouds.ts';
import { withDescription } from '../schema.ts';
import { malformed, parseEntity } from './service-page.ts';

/** Where a package can be fetched. */
export const investigationPackage = z
  .object({
    uri: withDescription(z.url(), 'Needs no token: whoever has the address has the package'),
    expires: withDescription(
      z.optional(z.iso.datetime()),
      'When the address ceases to work; absent where it does not tell',
    ),
  })
  .register(z.globalRegistry, { id: 'InvestigationPackage' });
type InvestigationPackage = z.output<typeof investigationPackage>;

/**
 * Parses Defender's answer, whose value is an address in quotes of its own.
 * @throws {UpstreamError} when it holds no https address.
 */
export function parseInvestigationPackage(api: Api, text: string): InvestigationPackage {
  const { value } = parseEntity(api, text);
  const uri = typeof value === 'string' ? value.trim().replace(/^"(.*)"$/s, '$1') : '';
  if (!URL.canParse(uri) || !uri.startsWith('https://')) throw malformed(api);
  const expires = readExpiry(new URL(uri));
  return { uri, ...(expires !== undefined && { expires }) };
}

/** A shared access signature says in `se` when it ends. */
function readExpiry({ searchParams }: URL): string | undefined {
  const at = Date.parse(searchParams.get('se') ?? '');
  return Number.isNaN(at) ? undefined : new Date(at).toISOString().replace('.000Z', 'Z');
}
