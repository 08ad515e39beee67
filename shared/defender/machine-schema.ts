import * as z from 'zod/mini';
import { exposureLevels, healthStatuses, riskScores } from './endpoint-enums.ts';
import { openEnum } from './open-enum.ts';

/** A machine of Defender for Endpoint: members that callers can count on; the service may send more. */
export const machine = z
  .looseObject({
    id: z.string(),
    computerDnsName: z.nullish(z.string()),
    firstSeen: z.nullish(z.iso.datetime()),
    lastSeen: z.nullish(z.iso.datetime()),
    osPlatform: z.nullish(z.string()),
    version: z.nullish(z.string()),
    lastIpAddress: z.nullish(z.string()),
    lastExternalIpAddress: z.nullish(z.string()),
    healthStatus: openEnum(healthStatuses.canonical),
    riskScore: openEnum(riskScores.canonical),
    exposureLevel: openEnum(exposureLevels.canonical),
    rbacGroupName: z.nullish(z.string()),
    aadDeviceId: z.nullish(z.string()),
    machineTags: z.nullish(z.array(z.string())),
  })
  .register(z.globalRegistry, { id: 'Machine' });
