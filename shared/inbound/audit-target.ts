/** The entity that a write changes. */
export interface AuditTarget {
  type: 'incident' | 'alert' | 'machine' | 'indicator' | 'subscription' | 'hunt' | 'tenant' | 'callbackHost';
  id: string;
}

const typeByParameter = {
  incidentId: 'incident',
  alertId: 'alert',
  machineId: 'machine',
  indicatorId: 'indicator',
  subscriptionId: 'subscription',
  huntId: 'hunt',
  tenantId: 'tenant',
} as const;

/** The entity that a path parameter names. */
export function toPathTarget(path: unknown): AuditTarget | undefined {
  const parameters = new Map<string, unknown>(Object.entries(Object(path)));
  for (const [name, type] of Object.entries(typeByParameter)) {
    if (parameters.has(name)) return { type, id: String(parameters.get(name)) };
  }
  return undefined;
}
