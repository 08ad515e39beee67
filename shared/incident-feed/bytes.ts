/** Writes numbers in as few bytes as they need: seven bits each, the eighth says that there are more. */
export function createByteWriter() {
  const parts: number[] = [];
  const number = (value: bigint) => {
    if (value < 0n) throw new RangeError('Not a natural number');
    let rest = value;
    for (; rest > 127n; rest >>= 7n) parts.push(Number(rest & 127n) | 128);
    parts.push(Number(rest));
  };
  return {
    number,
    /** Small ones of either sign are short. */
    signed: (value: bigint) => number(value < 0n ? -2n * value - 1n : 2n * value),
    bytes: (bytes: Uint8Array) => parts.push(...bytes),
    take: () => Buffer.from(parts),
  };
}

/** Reads them again. @throws {RangeError} when there is nothing left. */
export function createByteReader(content: Uint8Array) {
  let position = 0;
  const bytes = (count: number): Uint8Array => {
    if (position + count > content.length) throw new RangeError('Nothing left to read');
    position += count;
    return content.subarray(position - count, position);
  };
  const number = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const [byte = 0] = bytes(1);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const signed = (): bigint => {
    const value = number();
    return value % 2n === 0n ? value / 2n : -(value + 1n) / 2n;
  };
  return { bytes, number, signed };
}
