import * as z from 'zod/mini';
import { openEnum, withDescription } from '../schema.ts';
import { alertStatuses, classifications, determinations, serviceSources, severities } from './enum-aliases.ts';

const comment = z.looseObject({
  comment: z.nullish(z.string()),
  createdByDisplayName: z.nullish(z.string()),
  createdDateTime: z.nullish(z.iso.datetime()),
});

const evidence = z.looseObject({ '@odata.type': z.nullish(z.string()) });

/** Documented members of an alert of Microsoft Graph. Others are passed through. */
export const alert = z
  .looseObject({
    id: z.string(),
    incidentId: z.nullish(z.string()),
    title: z.nullish(z.string()),
    description: z.nullish(z.string()),
    categories: withDescription(z.nullish(z.array(z.string())), 'Attack categories. Replaces `category`.'),
    category: withDescription(
      z.nullish(z.string()),
      'Attack category. Deprecated by Microsoft in favor of `categories`.',
    ),
    status: openEnum(alertStatuses.canonical),
    severity: openEnum(severities.canonical),
    classification: openEnum(classifications.canonical),
    determination: openEnum(determinations.canonical),
    serviceSource: openEnum(serviceSources.canonical),
    detectionSource: z.nullish(z.string()),
    assignedTo: z.nullish(z.string()),
    alertWebUrl: z.nullish(z.string()),
    createdDateTime: z.nullish(z.iso.datetime()),
    lastUpdateDateTime: z.nullish(z.iso.datetime()),
    resolvedDateTime: z.nullish(z.iso.datetime()),
    mitreTechniques: z.nullish(z.array(z.string())),
    comments: z.nullish(z.array(comment)),
    evidence: z.nullish(z.array(evidence)),
  })
  .register(z.globalRegistry, { id: 'Alert' });
