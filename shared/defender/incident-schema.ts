import * as z from 'zod/mini';
import { openEnum, withDescription } from '../schema.ts';
import { classifications, determinations, incidentStatuses, severities } from './enum-aliases.ts';

const alert = z.looseObject({
  alertId: z.string(),
  title: z.nullish(z.string()),
  category: z.nullish(z.string()),
  status: openEnum(['New', 'InProgress', 'Active', 'Resolved']),
  severity: openEnum(severities.canonical),
  serviceSource: z.nullish(z.string()),
  creationTime: z.nullish(z.iso.datetime()),
  lastUpdatedTime: z.nullish(z.iso.datetime()),
  devices: z.nullish(z.array(z.looseObject({}))),
  entities: z.nullish(z.array(z.looseObject({}))),
});

const comment = z.looseObject({
  comment: z.string(),
  createdBy: z.nullish(z.string()),
  createdTime: z.nullish(z.iso.datetime()),
});

/** Documented members of an incident of Microsoft Defender XDR. Others are passed through. */
export const incident = z
  .looseObject({
    incidentId: z.int(),
    redirectIncidentId: withDescription(z.nullish(z.int()), 'ID of the incident that this one was merged into'),
    incidentName: z.nullish(z.string()),
    createdTime: z.nullish(z.iso.datetime()),
    lastUpdateTime: z.nullish(z.iso.datetime()),
    assignedTo: z.nullish(z.string()),
    classification: openEnum(classifications.canonical),
    determination: openEnum(determinations.canonical),
    status: openEnum(incidentStatuses.canonical),
    severity: openEnum(severities.canonical),
    tags: z.nullish(z.array(z.string())),
    comments: z.nullish(z.array(comment)),
    alerts: z.nullish(z.array(alert)),
  })
  .register(z.globalRegistry, { id: 'Incident' });
