/** A queue of the storage account, made when something is first put into it. Every failure is an `UpstreamError` of `storage`. */
export interface Queue {
  /** Sends a message as JSON, in the encoding that the Functions host reads; seen by nobody for `visibleAfterMs`, a week at most. */
  send(message: unknown, visibleAfterMs?: number): Promise<void>;
}
