/** A host, or with `*.` in front all that end in it, in the spelling of a URL; undefined for what is neither. */
export function readHostPattern(text: string): string | undefined {
  const wildcard = text.startsWith('*.') ? '*.' : '';
  const host = readHost(text.slice(wildcard.length));
  return host === undefined ? undefined : wildcard + host;
}

/** IDNA, in lower case and without the dot of the root; undefined for what is no name, such as an address. */
export function readHost(text: string): string | undefined {
  if (/[\s/?#@:\\[\]]/.test(text) || !URL.canParse(`https://${text}`)) return undefined;
  const host = new URL(`https://${text}`).hostname.replace(/\.$/, '');
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.[a-z][a-z0-9-]*$/.test(host) ? host : undefined;
}

/** Whether a host, as a URL spells it, is one of those that the pattern stands for. */
export const matchesHost = (pattern: string, host: string): boolean =>
  pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1 : host === pattern;
