import * as z from 'zod/mini';
import type { Api } from '../clouds.ts';
import { withDescription } from '../schema.ts';
import { malformed, parseEntity } from './entity.ts';

/** Download link of an investigation package. */
export const investigationPackage = z
  .object({
    uri: withDescription(z.url(), 'Download URL. Requires no token: anyone who has the URL can download the package.'),
    expires: withDescription(z.optional(z.iso.datetime()), 'Expiration time of the URL, if the URL states one.'),
  })
  .register(z.globalRegistry, { id: 'InvestigationPackage' });
type InvestigationPackage = z.output<typeof investigationPackage>;

/**
 * Parses Defender's response, whose value is a URL in additional quotes.
 * @throws {UpstreamError} when there is no https URL.
 */
export function parseInvestigationPackage(api: Api, text: string): InvestigationPackage {
  const { value } = parseEntity(api, text);
  const uri = typeof value === 'string' ? value.trim().replace(/^"(.*)"$/s, '$1') : '';
  if (!URL.canParse(uri) || !uri.startsWith('https://')) throw malformed(api);
  const expires = readExpiry(new URL(uri));
  return { uri, ...(expires !== undefined && { expires }) };
}

/** `se` is the expiration time of a shared access signature. */
function readExpiry({ searchParams }: URL): string | undefined {
  const at = Date.parse(searchParams.get('se') ?? '');
  return Number.isNaN(at) ? undefined : new Date(at).toISOString().replace('.000Z', 'Z');
}
