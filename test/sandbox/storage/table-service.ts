import { empty, type StorageAnswer, type StorageRequest } from './storage-exchange.ts';
import { readBatch, writeBatchAnswer } from './table-batch.ts';
import { createTableRows, type Row, type TableRows } from './table-rows.ts';

export interface TableService {
  answer(request: StorageRequest): StorageAnswer;
  /** Every row as `table/partition/row`. */
  readonly rowNames: readonly string[];
}

const maxPageRows = 1000;
const forbiddenInKeys = /[/\\#?\p{Cc}]/u;

/** Azure Table Storage in memory: entities with ETags, ranges of keys, pages and entity group transactions. */
export function createTableService(now: () => number): TableService {
  const tables = new Map<string, TableRows>();
  let version = 0;
  /** Changes of the current transaction. */
  let undo: (() => void)[] | undefined;

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
    tables.set(name, createTableRows());
    return json(201, { TableName: name });
  }

  function insert(request: StorageRequest, rows: TableRows): StorageAnswer {
    const { PartitionKey, RowKey, ...members } = readJson(request);
    const [partitionKey, rowKey] = [String(PartitionKey), String(RowKey)];
    if (rows.get(partitionKey, rowKey)) return error(409, 'EntityAlreadyExists');
    return store(rows, partitionKey, rowKey, members);
  }

  function answerEntity(request: StorageRequest, rows: TableRows, partitionKey: string, rowKey: string): StorageAnswer {
    const found = rows.get(partitionKey, rowKey);
    const { 'if-match': expected } = request.headers;
    if (found === undefined && (expected !== undefined || ['GET', 'DELETE'].includes(request.method)))
      return error(404, 'ResourceNotFound');
    if (expected !== undefined && expected !== '*' && expected !== found?.etag)
      return error(412, 'UpdateConditionNotSatisfied');
    if (found !== undefined && request.method === 'GET')
      return json(200, select(toEntity(found), request.url.searchParams.get('$select')));
    if (request.method === 'DELETE') {
      change(rows, partitionKey, rowKey, undefined);
      return empty(204);
    }
    const { PartitionKey: _partitionKey, RowKey: _rowKey, ...members } = readJson(request);
    const isMerge = request.method !== 'PUT';
    return store(rows, partitionKey, rowKey, isMerge ? { ...found?.members, ...members } : members);
  }

  function store(rows: TableRows, partitionKey: string, rowKey: string, members: Row['members']): StorageAnswer {
    if (forbiddenInKeys.test(partitionKey + rowKey)) return error(400, 'InvalidInput');
    const etag = `W/"datetime'${new Date(now()).toISOString()}-${++version}'"`;
    change(rows, partitionKey, rowKey, { partitionKey, rowKey, etag, members });
    return empty(204, { etag });
  }

  function list(query: URLSearchParams, rows: TableRows): StorageAnswer {
    const from = { partitionKey: query.get('NextPartitionKey') ?? '', rowKey: query.get('NextRowKey') ?? '' };
    const top = Math.min(Number(query.get('$top') ?? maxPageRows), maxPageRows);
    const found = rows.find(query.get('$filter') ?? '', from, top + 1);
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

  function change(rows: TableRows, partitionKey: string, rowKey: string, row: Row | undefined): void {
    const undoChange = rows.set(partitionKey, rowKey, row);
    undo?.push(undoChange);
  }

  function transact(requests: readonly StorageRequest[]): StorageAnswer {
    const changes: (() => void)[] = [];
    undo = changes;
    const answers: StorageAnswer[] = [];
    for (const request of requests) {
      const each = answer(request);
      answers.push(each);
      if (each.status >= 400) break;
    }
    undo = undefined;
    const refusal = answers.find(({ status }) => status >= 400);
    if (refusal) for (const undoChange of changes.reverse()) undoChange();
    return writeBatchAnswer(refusal ? [refusal] : answers);
  }

  return {
    answer,
    get rowNames() {
      return [...tables].flatMap(([table, rows]) =>
        rows.all().map(({ partitionKey, rowKey }) => `${table}/${partitionKey}/${rowKey}`),
      );
    },
  };
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
