import { matchesHost, readHost } from '../host-pattern.ts';

/**
 * What is wrong with an address to which webhooks shall be delivered, with regard to which hosts are allowed or without; undefined if
 * nothing is. Whether its name leads to a public address is seen when the connection is made.
 */
export function findCallbackMistake(text: string, allowedHosts?: readonly string[]): string | undefined {
  // Others than we may read such an address in another way.
  if (/[\s\\]/.test(text)) return 'must not hold blanks or backslashes';
  if (!URL.canParse(text)) return 'must be an https address';
  const url = new URL(text);
  if (url.protocol !== 'https:') return 'must be an https address';
  if (url.port !== '') return 'must use port 443';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or a password';
  if (text.includes('#')) return 'must not have a fragment';
  const host = readHost(url.hostname);
  if (host === undefined) return 'must name a host, rather than an IP address';
  const isAllowed = allowedHosts === undefined || allowedHosts.some((pattern) => matchesHost(pattern, host));
  return isAllowed ? undefined : 'must be at a host that the setting CALLBACK_HOSTS allows';
}
