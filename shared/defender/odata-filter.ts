/** A string as an OData literal. */
const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** `member eq one of values`. */
export function isOneOf(member: string, values: readonly string[] | undefined): string | undefined {
  if (values === undefined || values.length === 0) return undefined;
  const terms = values.map((value) => `${member} eq ${quote(value)}`);
  return terms.length === 1 ? terms[0] : `(${terms.join(' or ')})`;
}

/** `member operator value`, of an instant, which OData leaves unquoted. */
export function compareInstant(member: string, operator: 'ge' | 'lt', at: string | undefined): string | undefined {
  return at === undefined ? undefined : `${member} ${operator} ${at}`;
}

/** All of the terms that are there. */
export function allOf(...terms: (string | undefined)[]): string | undefined {
  return terms.filter((term) => term !== undefined).join(' and ') || undefined;
}
