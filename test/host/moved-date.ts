import { openSync, readSync } from 'node:fs';
import process from 'node:process';

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

globalThis.Date = new Proxy(MachineDate, {
  apply: () => new MachineDate(now()).toString(),
  construct: (target, input, newTarget) => Reflect.construct(target, input.length === 0 ? [now()] : input, newTarget),
  get: (target, member) => (member === 'now' ? now : Reflect.get(target, member)),
});
