import { parseArgs } from 'node:util';
import { type CredentialKind, credentialKinds } from '../sandbox/app-credential.ts';

/** What `npm start` was asked for. */
export interface StartOptions {
  readonly port: number;
  readonly watch: boolean;
  readonly help: boolean;
  /** Names of faults to switch on in the sandbox. */
  readonly faults: readonly string[];
  /** How the app proves who it is. */
  readonly credential: CredentialKind;
}

export const usage = `Builds the app and runs it on this machine, against a sandbox Microsoft cloud. No Azure account is needed.

  npm start                        build, run, print calls to try
  npm run dev                      the same, and again whenever a source file changes
  npm start -- --port 8080         listen there instead of on 7071, the sandbox one port above; 0 takes any free ones
  npm start -- --credential federated
                                   prove who the app is otherwise than by a secret: certificate, federated, managedIdentity
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
  const credential = credentialKinds.find((kind) => kind.toLowerCase() === values.credential.toLowerCase());
  if (credential === undefined) {
    throw new UsageError(`"${values.credential}" is no credential; there are ${credentialKinds.join(', ')}.`);
  }
  return { port, watch: values.watch, help: values.help, faults: values.fault, credential };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '7071' },
        watch: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        credential: { type: 'string', default: 'secret' },
        fault: { type: 'string', multiple: true, default: [] },
      },
    });
    return values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
