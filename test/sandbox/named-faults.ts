import type { Cloud } from './cloud.ts';
import { credentialFaults } from './credential-faults.ts';
import { entraError } from './entra-error.ts';
import { type CloudAnswer, json } from './exchange.ts';
import { breakConnection, cutBody, delayBy, type Effect, neverAnswer, replyWith } from './faults.ts';
import { type ServiceName, serviceNames } from './national-cloud.ts';
import { responseFaults } from './response-faults.ts';

export interface NamedFault {
  readonly summary: string;
  switchOn(cloud: Cloud): void | Promise<void>;
}

const slowMs = 5000;
const shortTokenSeconds = 60;

const single: Readonly<Record<string, NamedFault>> = {
  throttle: {
    summary: 'Defender and Graph take 5 calls a minute of each kind, then answer 429',
    switchOn({ behavior }) {
      behavior.limits = true;
      behavior.callsPerMinute = 5;
    },
  },
  'throttle:keyVault': {
    summary: 'Key Vault answers 429',
    switchOn(cloud) {
      cloud.faults.add({ service: 'keyVault', effect: replyWith(vaultThrottled) });
    },
  },
  'throttle:entra': {
    summary: 'Entra answers 429 (AADSTS90055)',
    switchOn(cloud) {
      cloud.faults.add({ service: 'entra', effect: () => entraError(90055, {}, cloud.now()) });
    },
  },
  'revoked-consent': {
    summary: 'the application is gone from the home tenant (AADSTS7000229)',
    switchOn: ({ administrator }) => administrator.revokeConsent(),
  },
  'disabled-application': {
    summary: 'the application is disabled (AADSTS7000112)',
    switchOn: ({ administrator }) => administrator.disableApplication(),
  },
  'missing-permission': {
    summary: 'no application permission is granted in the home tenant: tokens have no roles, the APIs answer 403',
    switchOn: ({ administrator }) => administrator.revokeAllRoles(),
  },
  'revoked-user-consent': {
    summary: 'the consent of users of the home tenant is revoked (AADSTS65001)',
    switchOn: ({ administrator }) => administrator.revokeUserConsent(),
  },
  'interaction-required': {
    summary: "a second factor is wanted from the home tenant's users before the app may act for them (AADSTS50076)",
    switchOn({ administrator, world }) {
      for (const user of world.home.users) administrator.requireInteraction(user);
    },
  },
  'no-portal-rights': {
    summary: "the home tenant's users have no role in the Defender portal: the APIs answer them 403",
    switchOn({ world }) {
      for (const { portalRights } of world.home.users) portalRights.clear();
    },
  },
  'short-tokens': {
    summary: `tokens live for ${shortTokenSeconds} seconds`,
    switchOn({ behavior }) {
      behavior.tokenLifetimeSeconds = shortTokenSeconds;
    },
  },
  'hunting-retired': {
    summary: "Defender XDR's hunting call is gone (410)",
    switchOn({ behavior }) {
      behavior.retiredHunting = 410;
    },
  },
  'hunting-timeout': {
    summary: 'hunts are given up after 3 minutes (answered at once, 400)',
    switchOn: (cloud) =>
      failHunts(cloud, 400, 'BadRequest', 'Query execution has exceeded the allowed time of 3 minutes.'),
  },
  'hunting-gateway-timeout': {
    summary: 'hunts end in 504',
    switchOn: (cloud) => failHunts(cloud, 504, 'GatewayTimeout', 'The request timed out.'),
  },
  'hunting-too-large': {
    summary: 'every result of more than 10 rows is too large',
    switchOn({ behavior }) {
      behavior.huntingRowLimit = 10;
    },
  },
  'hunting-cpu': {
    summary: "the tenant's share of processor time is used up (429)",
    switchOn: (cloud) => failHunts(cloud, 429, '429', 'CPU quota exceeded! maximum allowed 600 seconds per 00:15:00'),
  },
};

const ofService: Readonly<Record<string, { summary: string; effect: (service: ServiceName, cloud: Cloud) => Effect }>> =
  {
    outage: {
      summary: 'answers 503',
      effect:
        (service, { now }) =>
        () =>
          outageOf(service, now()),
    },
    slow: { summary: `takes ${slowMs / 1000} s to answer`, effect: () => delayBy(slowMs) },
    hanging: { summary: 'never answers', effect: () => neverAnswer },
    broken: { summary: 'breaks every connection', effect: () => breakConnection },
    malformed: { summary: 'sends half of each body', effect: () => cutBody },
  };

/** Every fault that the command line knows, by name. */
export const namedFaults: ReadonlyMap<string, NamedFault> = new Map([
  ...Object.entries({ ...single, ...credentialFaults, ...responseFaults }),
  ...Object.entries(ofService).flatMap(([kind, { summary, effect }]) =>
    serviceNames.map((service): [string, NamedFault] => [
      `${kind}:${service}`,
      {
        summary: `${service} ${summary}`,
        switchOn(cloud) {
          cloud.faults.add({ service, effect: effect(service, cloud) });
        },
      },
    ]),
  ),
]);

/**
 * Switches a fault on; done when the promise resolves.
 * @throws when there is no fault of that name; the message lists all.
 */
export function switchOnFault(cloud: Cloud, name: string): void | Promise<void> {
  const fault = namedFaults.get(name);
  if (!fault) throw new Error(`Unknown fault '${name}'. Faults:\n${describeFaults()}`);
  return fault.switchOn(cloud);
}

/** One line for each fault, for people. */
export function describeFaults(): string {
  return [...namedFaults].map(([name, { summary }]) => `  ${name.padEnd(26)}${summary}`).join('\n');
}

const vaultThrottled = json(429, {
  error: {
    code: 'Throttled',
    message: 'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached',
  },
});

function outageOf(service: ServiceName, at: number): CloudAnswer {
  const message = 'The service is unavailable.';
  if (service === 'entra') return entraError(90033, {}, at);
  if (service === 'managedIdentity') return json(503, { statusCode: 503, message });
  return json(503, { error: { code: 'ServiceUnavailable', message } });
}

function failHunts(cloud: Cloud, status: number, code: string, message: string): void {
  const match = ({ url }: { url: string }) => /\/(?:runHuntingQuery|advancedhunting\/run)$/.test(url);
  cloud.faults.add({ match, effect: replyWith(json(status, { error: { code, message } })) });
}
