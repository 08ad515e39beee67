import { openSync, readSync } from 'node:fs';
import process from 'node:process';
import { replaceDate } from './replace-date.ts';

/**
 * Loaded before everything else in a process (`--import`): from then on its time is the machine's, moved by as many milliseconds as the
 * file says at that moment. See movable-time.ts.
 */
const file = openSync(process.env.MOVED_DATE_FILE ?? '', 'r');
const bytes = Buffer.alloc(8);
const MachineDate = Date;

function now(): number {
  readSync(file, bytes, 0, 8, 0);
  return MachineDate.now() + bytes.readDoubleLE();
}

replaceDate(now);
