import type { InvocationContext } from '@azure/functions';

/** A request of the host. */
export interface Operation {
  /** The function's name. */
  name: string;
  /** 32 hexadecimal digits. */
  traceId: string;
  /** The host's span: 16 hexadecimal digits. */
  parentId: string;
}

/** The operation of an invocation, unless the host does not trace. */
export function toOperation({
  functionName,
  traceContext,
}: Pick<InvocationContext, 'functionName' | 'traceContext'>): Operation | undefined {
  const [, traceId, parentId] = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-/.exec(traceContext?.traceParent ?? '') ?? [];
  return traceId && parentId ? { name: functionName, traceId, parentId } : undefined;
}
