const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Term: `member` equals one of `values`. */
export function isOneOf(member: string, values: readonly string[] | undefined): string | undefined {
  if (values === undefined || values.length === 0) return undefined;
  return anyOf(values.map((value) => `${member} eq ${quote(value)}`));
}

/** Term: a host name starts with `prefix`. OData compares case-sensitively, and Defender stores most host names in lower case. */
export function hostStartsWith(member: string, prefix: string | undefined): string | undefined {
  if (prefix === undefined) return undefined;
  return anyOf([...new Set([prefix, prefix.toLowerCase()])].map((text) => `startswith(${member},${quote(text)})`));
}

/** Term: compares a timestamp, which OData does not quote. */
export function compareInstant(member: string, operator: 'ge' | 'lt', at: string | undefined): string | undefined {
  return at === undefined ? undefined : `${member} ${operator} ${at}`;
}

const anyOf = (terms: readonly string[]): string => (terms.length > 1 ? `(${terms.join(' or ')})` : terms.join());

/** Joins the terms that are present with `and`. */
export function allOf(...terms: (string | undefined)[]): string | undefined {
  return terms.filter((term) => term !== undefined).join(' and ') || undefined;
}
