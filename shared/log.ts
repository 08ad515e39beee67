/** Where a function writes its log lines. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
}
