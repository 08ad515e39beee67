import * as z from 'zod/mini';
import { openEnum } from '../schema.ts';
import { exposureLevels, healthStatuses, riskScores } from './endpoint-enums.ts';

/** Documented members of a machine of Defender for Endpoint. Others are passed through. */
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
