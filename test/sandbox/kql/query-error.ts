/** A query that is refused; the message is the sentence that Defender would answer with. */
export class QueryError extends Error {}

export function semanticError(sentence: string, operator?: string): QueryError {
  const where = operator === undefined ? '' : `'${operator}' operator: `;
  return new QueryError(`${where}${sentence} Fix semantic errors in your query.`);
}

export function unresolvedName(name: string, operator?: string): QueryError {
  return semanticError(`Failed to resolve table or column expression named '${name}'.`, operator);
}

/** @param position Offset in the query, from 0. */
export function syntaxError(query: string, position: number, found: string): QueryError {
  const before = query.slice(0, position).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const place = `Line: ${before.length}. Position: ${column}.`;
  return new QueryError(
    `Query could not be parsed at '${found}' on line [${before.length},${column}]. Token: '${found}'. ${place} Fix syntax errors in your query.`,
  );
}
