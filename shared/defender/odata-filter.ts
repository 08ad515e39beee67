/** A string as an OData literal. */
const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** `member eq one of values`. */
export function isOneOf(member: string, values: readonly string[] | undefined): string | undefined {
  if (values === undefined || values.length === 0) return undefined;
  return anyOf(values.map((value) => `${member} eq ${quote(value)}`));
}

/** Whether a host name begins like this. Host names know no case and OData does: Defender usually has them in lower case. */
export function hostStartsWith(member: string, prefix: string | undefined): string | undefined {
  if (prefix === undefined) return undefined;
  return anyOf([...new Set([prefix, prefix.toLowerCase()])].map((text) => `startswith(${member},${quote(text)})`));
}

/** `member operator value`, of an instant, which OData leaves unquoted. */
export function compareInstant(member: string, operator: 'ge' | 'lt', at: string | undefined): string | undefined {
  return at === undefined ? undefined : `${member} ${operator} ${at}`;
}

const anyOf = (terms: readonly string[]): string => (terms.length > 1 ? `(${terms.join(' or ')})` : terms.join());

/** All of the terms that are there. */
export function allOf(...terms: (string | undefined)[]): string | undefined {
  return terms.filter((term) => term !== undefined).join(' and ') || undefined;
}
