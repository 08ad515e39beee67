import type { Call } from './call.ts';
import type { DefenderClient } from './client.ts';
import { hasStatus, mapRejected } from './client-errors.ts';
import { type Cursor, type Page, readPage } from './collection.ts';
import { indicatorActions, indicatorSeverities, indicatorTypes } from './endpoint-enums.ts';
import { hasEntity, malformed, parseIdentified, readApplied } from './entity.ts';
import { defineEntityEnums, toNormalizedJson } from './entity-enums.ts';
import { allOf, isOneOf } from './odata-filter.ts';
import { useIndicators } from './permissions.ts';
import { parseServicePage } from './service-page.ts';

/** Filter of indicators. Enumerations are canonical. */
export interface IndicatorQuery {
  indicatorType?: string[] | undefined;
  indicatorValue?: string | undefined;
  action?: string[] | undefined;
  top: number;
}

/** An indicator to submit, with the members of Defender's API. Enumerations are canonical. */
export interface IndicatorSubmission {
  indicatorValue: string;
  indicatorType: string;
  action: string;
  title: string;
  description: string;
  application?: string | undefined;
  /** ISO 8601 in UTC. */
  expirationTime?: string | undefined;
  severity?: string | undefined;
  recommendedActions?: string | undefined;
  rbacGroupNames?: string[] | undefined;
  educateUrl?: string | undefined;
  generateAlert?: boolean | undefined;
  externalId?: string | undefined;
  category?: number | undefined;
  mitreTechniques?: string[] | undefined;
  bypassDurationHours?: number | undefined;
  lookBackPeriod?: string | undefined;
  historicalDetection?: boolean | undefined;
  notificationId?: string | undefined;
  notificationBody?: string | undefined;
}

const api = 'defenderForEndpoint';
const path = '/api/indicators';
const maxServicePage = 10_000;
const idMember = 'id';
const enums = defineEntityEnums({
  indicatorType: indicatorTypes,
  action: indicatorActions,
  severity: indicatorSeverities,
});

/** Indicators of Defender for Endpoint, passed through with canonical enumerations. */
export function createIndicators(client: DefenderClient) {
  async function findSubmitted({ indicatorType, indicatorValue }: IndicatorSubmission): Promise<string> {
    const filter = allOf(isOneOf('indicatorType', [indicatorType]), isOneOf('indicatorValue', [indicatorValue]));
    const call: Call = {
      operation: 'indicators.find',
      method: 'GET',
      path: `${path}?$top=1&$filter=${encodeURIComponent(filter ?? '')}`,
      permission: useIndicators,
      isIdempotent: true,
    };
    const [indicator] = parseServicePage(client, api, call.path, await client.send(call)).entities;
    if (indicator === undefined) throw malformed(api);
    return toNormalizedJson(enums, indicator, JSON.stringify(indicator));
  }

  return {
    list({ indicatorType, indicatorValue, action, top }: IndicatorQuery, cursor?: Cursor): Promise<Page> {
      return readPage(
        {
          client,
          call: { operation: 'indicators.list', permission: useIndicators },
          path,
          filter: allOf(
            isOneOf('indicatorType', indicatorType),
            isOneOf('indicatorValue', indicatorValue === undefined ? undefined : [indicatorValue]),
            isOneOf('action', action),
          ),
          maxServicePage,
          keyOf: (indicator) => indicator[idMember] ?? indicator,
          enums,
        },
        top,
        cursor,
      );
    },

    /** Creates an indicator or replaces the one with the same value, and returns it as JSON. @throws {RequestError} 400. */
    async submit(submission: IndicatorSubmission): Promise<string> {
      const text = await mapRejected(api, () =>
        client.send({
          operation: 'indicators.submit',
          method: 'POST',
          path,
          body: submission,
          permission: useIndicators,
          isIdempotent: false,
        }),
      );
      if (hasEntity(text, idMember)) return toNormalizedJson(enums, parseIdentified(api, text, idMember), text);
      return await readApplied(api, () => findSubmitted(submission));
    },

    /** Deletes an indicator, if it exists. */
    async delete(indicatorId: number): Promise<void> {
      try {
        await mapRejected(api, () =>
          client.send({
            operation: 'indicators.delete',
            method: 'DELETE',
            path: `${path}/${indicatorId}`,
            permission: useIndicators,
            isIdempotent: false,
          }),
        );
      } catch (error) {
        if (!hasStatus(error, api, 404)) throw error;
      }
    },
  };
}
