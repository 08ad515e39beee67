/** An instant in epoch milliseconds as it is stored and sent: ISO 8601 in UTC. */
export const formatInstant = (at: number): string => new Date(at).toISOString();

/** As `formatInstant`, for an instant that may be absent. */
export const formatOptionalInstant = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : formatInstant(at);

/** The epoch milliseconds of a stored instant that may be absent. */
export const parseOptionalInstant = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text);
