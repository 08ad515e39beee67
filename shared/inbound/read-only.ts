import { RequestError } from '../errors.ts';
import type { Services } from '../services.ts';

/** @throws {RequestError} 403 for a change when the app is set up to make none. */
export function requireWritable({ config }: Services, changesDefender: boolean): void {
  if (!changesDefender || !config.isReadOnly) return;
  throw new RequestError(403, 'ReadOnly', 'This app is set up to change nothing in Defender.', {
    nextStep: 'Set DEFENDER_READ_ONLY to false to allow changes.',
  });
}
