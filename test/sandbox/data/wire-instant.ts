/** An instant as Defender writes it: UTC, with up to seven fractional digits. */
export function toWireInstant(at: number, fractionDigits: 0 | 3 | 7): string {
  const text = new Date(at).toISOString();
  if (fractionDigits === 3) return text;
  return fractionDigits === 0 ? `${text.slice(0, 19)}Z` : `${text.slice(0, 23)}0000Z`;
}
