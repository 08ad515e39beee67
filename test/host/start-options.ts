import { parseArgs } from 'node:util';

/** What `npm start` was asked for. */
export interface StartOptions {
  readonly port: number;
  readonly watch: boolean;
  readonly help: boolean;
  /** Names of faults to switch on in the sandbox. */
  readonly faults: readonly string[];
}

export const usage = `Builds the app and runs it on this machine, against a sandbox Microsoft cloud. No Azure account is needed.

  npm start                        build, run, print calls to try
  npm run dev                      the same, and again whenever a source file changes
  npm start -- --port 8080         listen there instead of on 7071; 0 takes any free port
  npm start -- --fault throttle    let the sandbox misbehave; can be given more than once
  npm start -- --fault help        the faults there are`;

/** An argument that cannot be; the message says which, for people. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Throws a {@link UsageError}. */
export function parseStartOptions(args: readonly string[]): StartOptions {
  const values = parse(args);
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) throw new UsageError(`"${values.port}" is no port.`);
  return { port, watch: values.watch, help: values.help, faults: values.fault };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '7071' },
        watch: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        fault: { type: 'string', multiple: true, default: [] },
      },
    });
    return values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
