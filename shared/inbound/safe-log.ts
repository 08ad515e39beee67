import type { Log } from '../log.ts';

/** Control and format characters, with which a caller or a service could forge log lines. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;
const maxLength = 2_000;

const toLogLine = (text: string): string => text.replace(unsafe, ' ').slice(0, maxLength);

/** A log whose every message is one line. */
export const createSafeLog = (log: Log): Log => ({
  info: (message) => log.info(toLogLine(message)),
  warn: (message) => log.warn(toLogLine(message)),
});

/** The stack of a bug. Its message may contain anything; its frames are the app's own. */
export function toStackText(error: unknown): string {
  if (!(error instanceof Error)) return toLogLine(String(error));
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [toLogLine(`${error.name}: ${error.message}`), ...frames].join('\n');
}
