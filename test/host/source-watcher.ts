import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';

/** An editor writes a file in several steps, and a checkout many files. */
const SETTLE_MS = 100;

export interface SourceWatcher {
  /** Resolves after the next change, or at once if there was one since it was last asked. */
  changed(): Promise<void>;
  close(): void;
}

/** Watches folders with all that is in them, and single files beside them. */
export function watchSources(root: string, folders: readonly string[], files: readonly string[]): SourceWatcher {
  let next = Promise.withResolvers<void>();
  let settling: NodeJS.Timeout | undefined;
  const noteChange = () => {
    clearTimeout(settling);
    settling = setTimeout(() => next.resolve(), SETTLE_MS);
  };
  const watchers: FSWatcher[] = [
    ...folders.map((folder) => watch(join(root, folder), { recursive: true }, noteChange)),
    watch(root, (_event, name) => name !== null && files.includes(name) && noteChange()),
  ];

  return {
    async changed() {
      await next.promise;
      next = Promise.withResolvers();
    },
    close() {
      clearTimeout(settling);
      for (const watcher of watchers) watcher.close();
    },
  };
}
