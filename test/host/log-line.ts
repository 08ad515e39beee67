import type { LogLine } from './messages.ts';

/** A line of the app as the host prints it; undefined for lines that the host does not print. */
export function formatLogLine(
  { category, level, functionName, message }: LogLine,
  isLate: boolean,
): string | undefined {
  if (category === 'system' && (level === 'debug' || level === 'trace')) return undefined;
  const origin = functionName === undefined ? '' : `[${functionName}] `;
  const prefix = level === 'information' ? '' : `${level}: `;
  const fate = isLate && category === 'user' ? ' (logged after the function ended: lost on Azure)' : '';
  return `${origin}${prefix}${message}${fate}`;
}
