import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Loaded before a test file (`--import`): what was compiled in an earlier run is not compiled again, which is half of the
 * CPU time of a short test file.
 */
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)));
