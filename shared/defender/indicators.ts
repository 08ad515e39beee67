import type { DefenderClient } from './client.ts';
import { isRefusedWith, rejectedAs } from './client-errors.ts';
import { type Cursor, type Page, readPage } from './collection.ts';
import { indicatorActions, indicatorSeverities, indicatorTypes } from './endpoint-enums.ts';
import { normalizeEnums } from './enum-aliases.ts';
import { allOf, isOneOf } from './odata-filter.ts';
import { useIndicators } from './permissions.ts';
import { parseEntity } from './service-page.ts';

/** Which indicators; enumerations are in canonical spelling. */
export interface IndicatorQuery {
  indicatorType?: string[] | undefined;
  indicatorValue?: string | undefined;
  action?: string[] | undefined;
  top: number;
}

/** What Defender is to look for, and what to do then; with Defender's own members, enumerations in canonical spelling. */
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
}

const api = 'defenderForEndpoint';
const path = '/api/indicators';
const maxServicePage = 10_000;
const canonicalize = normalizeEnums({
  indicatorType: indicatorTypes,
  action: indicatorActions,
  severity: indicatorSeverities,
});

/** Indicators of Defender for Endpoint, as the service gives them but for enumerations, which are in canonical spelling. */
export function createIndicators(client: DefenderClient) {
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
          keyOf: (indicator) => indicator.id ?? indicator,
          prepare: canonicalize,
        },
        top,
        cursor,
      );
    },

    /** The JSON of the indicator, which replaces one with the same value. @throws {RequestError} 400 when Defender refuses it. */
    async submit(submission: IndicatorSubmission): Promise<string> {
      const text = await rejectedAs(api, () =>
        client.send({
          operation: 'indicators.submit',
          method: 'POST',
          path,
          body: submission,
          permission: useIndicators,
          isIdempotent: false,
        }),
      );
      const indicator = parseEntity(api, text);
      return canonicalize(indicator) ? JSON.stringify(indicator) : text;
    },

    /** One that is gone already is no failure. */
    async delete(indicatorId: number): Promise<void> {
      try {
        await rejectedAs(api, () =>
          client.send({
            operation: 'indicators.delete',
            method: 'DELETE',
            path: `${path}/${indicatorId}`,
            permission: useIndicators,
            isIdempotent: false,
          }),
        );
      } catch (error) {
        if (!isRefusedWith(error, api, 404)) throw error;
      }
    },
  };
}
