/** A container of the storage account, made when something is first put into it. Every failure is an `UpstreamError` of `storage`. */
export interface BlobContainer {
  /** Writes a blob, or writes it anew: all of it or, when the content breaks off, nothing. */
  write(name: string, content: string | Uint8Array | AsyncIterable<Uint8Array>): Promise<void>;
  /** The content as it arrives; undefined when there is none. */
  read(name: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Gone already is fine. */
  delete(name: string): Promise<void>;
  /** Deletes whatever was written before an instant (epoch milliseconds). */
  deleteOlder(before: number): Promise<void>;
}
