import { formatInstant } from '../instants.ts';
import type { Observation } from '../outbound/observation.ts';

/** An observation in the terms of Application Insights. */
export interface Report {
  /** A row in `customEvents`, correlated with the host's request. */
  event?: { name: string; numbers: Record<string, number> };
  /** A value in `customMetrics`, aggregated per minute. */
  metric?: { name: string; value: number };
  /** Dimensions of both. */
  dimensions: Record<string, string>;
}

/** Copies the members that are named here and no others. */
export function toReport(observation: Observation): Report {
  switch (observation.name) {
    case 'TokenAcquisition': {
      const { name, tenantId, api, durationMs, succeeded, code } = observation;
      return {
        event: { name, numbers: { durationMs } },
        metric: { name: 'TokenAcquisitionMs', value: durationMs },
        dimensions: { tenantId, api, outcome: outcomeOf(succeeded), ...(code !== undefined && { code }) },
      };
    }
    case 'SecretRead': {
      const { name, durationMs, succeeded, code } = observation;
      return {
        event: { name, numbers: { durationMs } },
        metric: { name: 'SecretReadMs', value: durationMs },
        dimensions: { outcome: outcomeOf(succeeded), ...(code !== undefined && { code }) },
      };
    }
    case 'UpstreamCall': {
      const { name, service, operation, tenantId, durationMs, status, succeeded } = observation;
      return {
        event: { name, numbers: { durationMs } },
        metric: { name: 'UpstreamCallMs', value: durationMs },
        dimensions: {
          tenantId,
          service,
          operation,
          outcome: outcomeOf(succeeded),
          ...(status !== undefined && { status: String(status) }),
        },
      };
    }
    case 'ThrottlingWait': {
      const { name, service, tenantId, waitMs } = observation;
      return {
        event: { name, numbers: { waitMs } },
        metric: { name: 'ThrottlingWaitMs', value: waitMs },
        dimensions: { tenantId, service },
      };
    }
    case 'CredentialExpiry': {
      const { credential, daysLeft } = observation;
      // The SDK's metrics do not accept negative numbers.
      return { metric: { name: 'CredentialDaysLeft', value: Math.max(0, daysLeft) }, dimensions: { credential } };
    }
    case 'CredentialExpiring':
    case 'CredentialExpired': {
      const { name, credential, daysLeft, expiresAt } = observation;
      return {
        event: { name, numbers: daysLeft === undefined ? {} : { daysLeft } },
        dimensions: { credential, ...(expiresAt !== undefined && { expiresAt: formatInstant(expiresAt) }) },
      };
    }
    case 'TenantFailure': {
      const { name, tenantId, code } = observation;
      return { event: { name, numbers: {} }, dimensions: { tenantId, code } };
    }
    case 'IncidentFeedRun': {
      const { name, tenantId, succeeded, calls, published, baseline, suppressed, quarantined, lagMs, code } =
        observation;
      const numbers = { calls, published, baseline, suppressed, quarantined };
      return {
        event: { name, numbers: { ...numbers, ...(lagMs !== undefined && { lagMs }) } },
        ...(lagMs !== undefined && { metric: { name: 'IncidentFeedLagMs', value: lagMs } }),
        dimensions: { tenantId, outcome: outcomeOf(succeeded), ...(code !== undefined && { code }) },
      };
    }
    case 'WindowQuarantined': {
      const { name, tenantId, from, before, attempts, unversioned } = observation;
      return {
        event: { name, numbers: { attempts, unversioned } },
        dimensions: { tenantId, from: formatInstant(from), before: formatInstant(before) },
      };
    }
    case 'DeliveryGivenUp': {
      const { name, tenantId, type, subscriptionId, attempts, code } = observation;
      return {
        event: { name, numbers: { attempts } },
        dimensions: { tenantId, type, subscriptionId, ...(code !== undefined && { code }) },
      };
    }
    case 'WriteStarted':
    case 'WriteEnded': {
      const { name, operation, tenantId, caller, callerId, appId, role, targetType, targetId } = observation;
      const isOver = name === 'WriteEnded';
      return {
        event: { name, numbers: isOver ? { durationMs: observation.durationMs } : {} },
        dimensions: {
          tenantId,
          operation,
          caller,
          ...(callerId !== undefined && { callerId }),
          ...(appId !== undefined && { appId }),
          ...(role !== undefined && { role }),
          ...(targetType !== undefined && targetId !== undefined && { targetType, targetId }),
          ...(isOver && { result: observation.result }),
          ...(isOver && observation.resultId !== undefined && { resultId: observation.resultId }),
        },
      };
    }
  }
}

function outcomeOf(succeeded: boolean): string {
  return succeeded ? 'succeeded' : 'failed';
}
