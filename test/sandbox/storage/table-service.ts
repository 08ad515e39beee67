import { parseFilter } from '../odata-filter.ts';
import { empty, type StorageAnswer, type StorageRequest } from './storage-exchange.ts';
import { readBatch, writeBatchAnswer } from './table-batch.ts';

interface Row {
  readonly partitionKey: string;
  readonly rowKey: string;
  readonly etag: string;
  readonly members: Readonly<Record<string, unknown>>;
}

type Rows = Map<string, Row>;

const maxPageRows = 1000;
const keyOf = (partitionKey: string, rowKey: string): string => `${partitionKey}\0${rowKey}`;

const filterable = {
  name: 'Entity',
  properties: {
    PartitionKey: { type: 'text', read: ({ partitionKey }: Row) => partitionKey },
    RowKey: { type: 'text', read: ({ rowKey }: Row) => rowKey },
  },
} as const;

/** Azure Table Storage in memory: entities with ETags, ranges of keys, pages and entity group transactions. */
export function createTableService(now: () => number): (request: StorageRequest) => StorageAnswer {
  const tables = new Map<string, Rows>();
  let version = 0;

  function answer(request: StorageRequest): StorageAnswer {
    const path = decodeURIComponent(request.url.pathname);
    if (path === '/Tables') return createTable(String(readJson(request).TableName));
    if (path === '/$batch') return transact(readBatch(request));
    const [, table = '', keys] = /^\/(\w+)(?:\((.*)\))?$/s.exec(path) ?? [];
    const rows = tables.get(table);
    if (rows === undefined) return error(404, 'TableNotFound');
    const [, partitionKey, rowKey] = /^PartitionKey='(.*)',RowKey='(.*)'$/s.exec(keys ?? '') ?? [];
    if (partitionKey !== undefined && rowKey !== undefined)
      return answerEntity(request, rows, unquote(partitionKey), unquote(rowKey));
    return request.method === 'POST' ? insert(request, rows) : list(request.url.searchParams, rows);
  }

  function createTable(name: string): StorageAnswer {
    if (tables.has(name)) return error(409, 'TableAlreadyExists');
    tables.set(name, new Map());
    return json(201, { TableName: name });
  }

  function insert(request: StorageRequest, rows: Rows): StorageAnswer {
    const { PartitionKey, RowKey, ...members } = readJson(request);
    const [partitionKey, rowKey] = [String(PartitionKey), String(RowKey)];
    if (rows.has(keyOf(partitionKey, rowKey))) return error(409, 'EntityAlreadyExists');
    return store(rows, partitionKey, rowKey, members);
  }

  function answerEntity(request: StorageRequest, rows: Rows, partitionKey: string, rowKey: string): StorageAnswer {
    const found = rows.get(keyOf(partitionKey, rowKey));
    const { 'if-match': expected } = request.headers;
    if (found === undefined && (expected !== undefined || ['GET', 'DELETE'].includes(request.method)))
      return error(404, 'ResourceNotFound');
    if (expected !== undefined && expected !== '*' && expected !== found?.etag)
      return error(412, 'UpdateConditionNotSatisfied');
    if (request.method === 'GET')
      return found === undefined ? error(404, 'ResourceNotFound') : json(200, toEntity(found));
    if (request.method === 'DELETE') {
      rows.delete(keyOf(partitionKey, rowKey));
      return empty(204);
    }
    const { PartitionKey: _partitionKey, RowKey: _rowKey, ...members } = readJson(request);
    const isMerge = request.method !== 'PUT';
    return store(rows, partitionKey, rowKey, isMerge ? { ...found?.members, ...members } : members);
  }

  function store(rows: Rows, partitionKey: string, rowKey: string, members: Row['members']): StorageAnswer {
    const etag = `W/"datetime'${new Date(now()).toISOString()}-${++version}'"`;
    rows.set(keyOf(partitionKey, rowKey), { partitionKey, rowKey, etag, members });
    return empty(204, { etag });
  }

  function list(query: URLSearchParams, rows: Rows): StorageAnswer {
    const isWanted = parseFilter(query.get('$filter') || "RowKey ge ''", filterable);
    const from = keyOf(query.get('NextPartitionKey') ?? '', query.get('NextRowKey') ?? '');
    const found = [...rows]
      .filter(([key, row]) => key >= from && isWanted(row))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, row]) => row);
    const top = Math.min(Number(query.get('$top') ?? maxPageRows), maxPageRows);
    const next = found[top];
    return json(
      200,
      { value: found.slice(0, top).map((row) => select(toEntity(row), query.get('$select'))) },
      next && {
        'x-ms-continuation-nextpartitionkey': next.partitionKey,
        'x-ms-continuation-nextrowkey': next.rowKey,
      },
    );
  }

  /** All or nothing: rows cannot be changed in place, so a shallow copy of their table is enough to go back to. */
  function transact(requests: readonly StorageRequest[]): StorageAnswer {
    const before = new Map([...tables].map(([name, rows]) => [name, new Map(rows)]));
    const answers: StorageAnswer[] = [];
    for (const request of requests) {
      const each = answer(request);
      if (each.status >= 400) {
        for (const [name, rows] of before) tables.set(name, rows);
        return writeBatchAnswer([each]);
      }
      answers.push(each);
    }
    return writeBatchAnswer(answers);
  }

  return answer;
}

const unquote = (text: string): string => text.replaceAll("''", "'");

function readJson({ body }: StorageRequest): Record<string, unknown> {
  return JSON.parse(body.toString());
}

const toEntity = ({ partitionKey, rowKey, etag, members }: Row) => ({
  'odata.etag': etag,
  PartitionKey: partitionKey,
  RowKey: rowKey,
  ...members,
});

function select(entity: Record<string, unknown>, names: string | null): Record<string, unknown> {
  if (!names) return entity;
  const wanted = new Set(['odata.etag', ...names.split(',').flatMap((name) => [name, `${name}@odata.type`])]);
  return Object.fromEntries(Object.entries(entity).filter(([name]) => wanted.has(name)));
}

const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): StorageAnswer => ({
  status,
  headers: { 'content-type': 'application/json;odata=minimalmetadata', ...headers },
  body: JSON.stringify(value),
});

const error = (status: number, code: string): StorageAnswer =>
  json(status, { 'odata.error': { code, message: { lang: 'en-US', value: code } } }, { 'x-ms-error-code': code });
