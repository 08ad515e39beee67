import { parseArgs } from 'node:util';
import { messageOf } from '../../shared/errors.ts';
import { type CredentialKind, credentialKinds } from '../sandbox/app-credential.ts';

/** A function key, or an access token of Entra. */
export const callerKinds = ['key', 'token'] as const;
export type CallerKind = (typeof callerKinds)[number];

/** Options of `npm start`. */
export interface StartOptions {
  readonly port: number;
  readonly watch: boolean;
  readonly help: boolean;
  /** Names of faults to switch on in the sandbox. */
  readonly faults: readonly string[];
  /** What callers of the app need. */
  readonly callers: CallerKind;
  /** The credential of the app. */
  readonly credential: CredentialKind;
}

export const usage = `Builds the app and runs it on this machine against a sandbox of the Microsoft cloud, without an Azure account.

  npm start                        build, run, print calls to try
  npm run dev                      the same, with a restart after every change of a source file
  npm start -- --port 8080         listen on this port (default: 7071), with the sandbox on the next one; 0: any free ports
  npm start -- --credential federated
                                   the credential of the app: secret (default), certificate, federated, managedIdentity
  npm start -- --callers token     require an access token of Entra in place of a function key
  npm start -- --fault throttle    activate a fault of the sandbox; can be repeated
  npm start -- --fault help        list all faults`;

/** An invalid argument, explained for people. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Throws a {@link UsageError}. */
export function parseStartOptions(args: readonly string[]): StartOptions {
  const values = parse(args);
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) throw new UsageError(`"${values.port}" is not a port.`);
  const credential = credentialKinds.find((kind) => kind.toLowerCase() === values.credential.toLowerCase());
  if (credential === undefined) {
    throw new UsageError(`"${values.credential}" is not a credential; choose one of ${credentialKinds.join(', ')}.`);
  }
  const callers = callerKinds.find((kind) => kind === values.callers);
  if (callers === undefined)
    throw new UsageError(`"${values.callers}" is not a kind of caller; choose one of ${callerKinds.join(', ')}.`);
  return { port, watch: values.watch, help: values.help, faults: values.fault, callers, credential };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '7071' },
        watch: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        callers: { type: 'string', default: 'key' },
        credential: { type: 'string', default: 'secret' },
        fault: { type: 'string', multiple: true, default: [] },
      },
    });
    return values;
  } catch (cause) {
    throw new UsageError(messageOf(cause), { cause });
  }
}
