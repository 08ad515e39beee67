import type { DefenderClient } from './client.ts';
import { hasStatus, mapNotFound } from './client-errors.ts';
import { type Cursor, type Page, readPage } from './collection.ts';
import { exposureLevels, healthStatuses, riskScores } from './endpoint-enums.ts';
import { parseIdentified } from './entity.ts';
import { defineEntityEnums, toNormalizedJson } from './entity-enums.ts';
import { allOf, compareInstant, hostStartsWith, isOneOf } from './odata-filter.ts';
import { readMachines } from './permissions.ts';

/** Filter of machines. Timestamps are ISO 8601 in UTC, enumerations canonical. */
export interface MachineQuery {
  /** Prefix of the DNS name. */
  name?: string | undefined;
  healthStatus?: string[] | undefined;
  riskScore?: string[] | undefined;
  exposureLevel?: string[] | undefined;
  lastSeenSince?: string | undefined;
  top: number;
}

const api = 'defenderForEndpoint';
const path = '/api/machines';
const maxServicePage = 10_000;
const enums = defineEntityEnums({
  healthStatus: healthStatuses,
  riskScore: riskScores,
  exposureLevel: exposureLevels,
});

/** Machines of Defender for Endpoint, passed through with canonical enumerations. */
export function createMachines(client: DefenderClient) {
  return {
    list(query: MachineQuery, cursor?: Cursor): Promise<Page> {
      return readPage(
        {
          client: toEmptyWhenNotFound(client),
          call: { operation: 'machines.list', permission: readMachines },
          path,
          filter: toFilter(query),
          maxServicePage,
          keyOf: (machine) => machine.id ?? machine,
          enums,
        },
        query.top,
        cursor,
      );
    },

    /** Returns the machine as JSON. @throws {RequestError} 404. */
    async get(machineId: string): Promise<string> {
      const text = await mapNotFound(api, `machine ${machineId}`, () =>
        client.send({
          operation: 'machines.get',
          method: 'GET',
          path: `${path}/${machineId}`,
          permission: readMachines,
          isIdempotent: true,
        }),
      );
      return toNormalizedJson(enums, parseIdentified(api, text, 'id'), text);
    },
  };
}

function toFilter({ name, healthStatus, riskScore, exposureLevel, lastSeenSince }: MachineQuery): string | undefined {
  return allOf(
    hostStartsWith('computerDnsName', name),
    isOneOf('healthStatus', healthStatus),
    isOneOf('riskScore', riskScore),
    isOneOf('exposureLevel', exposureLevel),
    compareInstant('lastSeen', 'ge', lastSeenSince),
  );
}

/** The service returns 404 for a list when no machine was seen recently. */
function toEmptyWhenNotFound(client: DefenderClient): DefenderClient {
  return {
    ...client,
    async send(call) {
      try {
        return await client.send(call);
      } catch (error) {
        if (!hasStatus(error, api, 404)) throw error;
        return '{"value":[]}';
      }
    },
  };
}
