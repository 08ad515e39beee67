import { matchesHost, readHost } from '../host-pattern.ts';

/**
 * Checks a `callbackUrl`, also against the allowed hosts where they are given. Returns what is wrong with it. The addresses of its host are
 * checked when the connection is made.
 */
export function findCallbackMistake(text: string, allowedHosts?: readonly string[]): string | undefined {
  // Parsers disagree on URLs with these characters.
  if (/[\s\\]/.test(text)) return 'must not contain blanks or backslashes';
  if (!URL.canParse(text)) return 'must be an https URL';
  const url = new URL(text);
  if (url.protocol !== 'https:') return 'must be an https URL';
  if (url.port !== '') return 'must use port 443';
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or a password';
  if (text.includes('#')) return 'must not have a fragment';
  const host = readHost(url.hostname);
  if (host === undefined) return 'must have a host name, not an IP address';
  const isAllowed = allowedHosts === undefined || allowedHosts.some((pattern) => matchesHost(pattern, host));
  return isAllowed ? undefined : 'must have a host that the setting CALLBACK_HOSTS allows';
}
