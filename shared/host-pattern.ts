/** Normalizes a host name, or one with a leading `*.` for all names that end in it. Undefined for other texts. */
export function readHostPattern(text: string): string | undefined {
  const wildcard = text.startsWith('*.') ? '*.' : '';
  const host = readHost(text.slice(wildcard.length));
  return host === undefined ? undefined : wildcard + host;
}

/** Normalizes a host name: IDNA, lower case, no trailing dot. Undefined for other texts, such as IP addresses. */
export function readHost(text: string): string | undefined {
  if (/[\s/?#@:\\[\]]/.test(text) || !URL.canParse(`https://${text}`)) return undefined;
  const host = new URL(`https://${text}`).hostname.replace(/\.$/, '');
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.[a-z][a-z0-9-]*$/.test(host) ? host : undefined;
}

/** Whether a pattern matches a normalized host name. */
export const matchesHost = (pattern: string, host: string): boolean =>
  pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1 : host === pattern;
