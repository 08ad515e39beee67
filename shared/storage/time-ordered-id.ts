import { randomBytes } from 'node:crypto';

/**
 * 32 hexadecimal digits of a UUID of version 7 (RFC 9562): 74 random bits, ordered by the instant (epoch milliseconds).
 * @param random 16 bytes.
 */
export function createTimeOrderedId(at: number, random: Buffer = randomBytes(16)): string {
  const bytes = Buffer.from(random);
  bytes.writeUIntBE(at, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex');
}

/** Sorts before the ids that were made at this instant or later, and after the earlier ones. */
export const toIdPrefix = (at: number): string => at.toString(16).padStart(12, '0');

export const toGuid = (id: string): string => id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
