import * as z from 'zod/mini';
import { openEnum } from '../schema.ts';
import { indicatorActions, indicatorSeverities, indicatorTypes } from './endpoint-enums.ts';

/** Documented members of an indicator of Defender for Endpoint. Others are passed through. */
export const indicator = z
  .looseObject({
    id: z.union([z.string(), z.int()]),
    indicatorValue: z.string(),
    indicatorType: openEnum(indicatorTypes.canonical),
    action: openEnum(indicatorActions.canonical),
    title: z.nullish(z.string()),
    description: z.nullish(z.string()),
    severity: openEnum(indicatorSeverities.canonical),
    application: z.nullish(z.string()),
    recommendedActions: z.nullish(z.string()),
    rbacGroupNames: z.nullish(z.array(z.string())),
    generateAlert: z.nullish(z.boolean()),
    externalId: z.nullish(z.string()),
    mitreTechniques: z.nullish(z.array(z.string())),
    expirationTime: z.nullish(z.iso.datetime()),
    createdBy: z.nullish(z.string()),
    creationTimeDateTimeUtc: z.nullish(z.iso.datetime()),
  })
  .register(z.globalRegistry, { id: 'Indicator' });
