type Content = string | Uint8Array | AsyncIterable<Uint8Array>;

/** A piece is one request, with its own time and retries. */
export const pieceBytes = 4 * 1024 * 1024;

/** Divides content into pieces of `pieceBytes`, of which one is held at a time. The last one may be shorter, and is empty for no content. */
export async function* toPieces(content: Content): AsyncGenerator<Uint8Array> {
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  let isEmpty = true;
  for await (const chunk of toChunks(content)) {
    gathered.push(chunk);
    bytes += chunk.length;
    if (bytes < pieceBytes) continue;
    const all = Buffer.concat(gathered);
    const end = all.length - (all.length % pieceBytes);
    for (let from = 0; from < end; from += pieceBytes) yield all.subarray(from, from + pieceBytes);
    isEmpty = false;
    // A copy: a view would keep the whole buffer in memory.
    gathered = [Uint8Array.from(all.subarray(end))];
    bytes = all.length - end;
  }
  if (bytes > 0 || isEmpty) yield Buffer.concat(gathered);
}

function toChunks(content: Content): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (typeof content === 'string') return [Buffer.from(content)];
  return content instanceof Uint8Array ? [content] : content;
}
